import { type DependencyHealth, type Health, healthOf, ServiceHealth } from "../../../../shared/http/health.ts";
import { destinationOf, type Target } from "../calls/targets.ts";
import type { Env } from "../env.ts";
import { SERVICES, type ServiceName } from "../routes.ts";

/** How a service is, as those who look after it may know. */
export interface ServiceReport {
  status: Health;
  /** Milliseconds until it answered. */
  ms: number;
  dependencies: Record<string, DependencyHealth>;
  /** What the service tells beside it. */
  figures: Record<string, number>;
}

export interface SystemReport {
  status: Health;
  timestamp: string;
  service: "gateway";
  services: Record<string, ServiceReport>;
}

/** One look at all services serves every question for this long. */
const FRESH_MS = 5_000;
/**
 * Up to here an older report is given while the next look is under way. A resizer that computes answers no one until its
 * picture is done, and nobody who asks should have to wait for that.
 */
const STALE_MS = 10_000;
/** A service that takes longer to say that it is well is not. */
const PATIENCE_MS = 2_000;

/** By environment, of which an isolate has one. `lookedAt` is when the last look began, in Unix milliseconds. */
const latest = new WeakMap<Env, { report: SystemReport; at: number; lookedAt: number }>();

/** How all services are (S1.44, C14), as of at most ten seconds ago. */
export async function systemHealth(env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<SystemReport> {
  const now = Date.now();
  const known = latest.get(env);
  if (known === undefined || now - known.at >= STALE_MS) return lookAtAll(env);
  const isUnderWay = now - known.lookedAt < PATIENCE_MS;
  if (now - known.at >= FRESH_MS && !isUnderWay) {
    known.lookedAt = now;
    context.waitUntil(lookAtAll(env));
  }
  return known.report;
}

async function lookAtAll(env: Env): Promise<SystemReport> {
  const lookedAt = Date.now();
  const report = await askServices(env);
  latest.set(env, { report, at: Date.now(), lookedAt });
  return report;
}

/** Asks all services how they are. Unhealthy means that none of them works. */
export async function askServices(env: Env): Promise<SystemReport> {
  const asked = SERVICES.map(async (name) => [name, await askService(env, name)] as const);
  const services = Object.fromEntries(await Promise.all(asked));
  const status = healthOf(Object.values(services).map((service) => service.status));
  return { status, timestamp: new Date().toISOString(), service: "gateway", services };
}

/** What everybody may know: not what the services are made of, nor how fast they are. */
export function withoutDetail({ services, ...report }: SystemReport) {
  const states = Object.entries(services).map(([name, { status }]) => [name, { status }] as const);
  return { ...report, services: Object.fromEntries(states) };
}

/** A service at several addresses is as well as they are together; its dependencies are told by the least well. */
async function askService(env: Env, name: ServiceName): Promise<ServiceReport> {
  const answers = await Promise.all(destinationOf(env, name).targets.map(askTarget));
  const telling = answers.find((answer) => answer.status !== "healthy") ?? answers[0];
  return {
    status: healthOf(answers.map((answer) => answer.status)),
    ms: Math.max(...answers.map((answer) => answer.ms)),
    dependencies: telling?.dependencies ?? {},
    figures: telling?.figures ?? {},
  };
}

/** The question goes out whatever the breaker says: its answer is what people look at when a breaker is open. */
async function askTarget(target: Target): Promise<ServiceReport> {
  const started = Date.now();
  try {
    const request = new Request("https://internal/health", { signal: AbortSignal.timeout(PATIENCE_MS) });
    const answer = await target.fetch(request);
    const { status, dependencies, figures } = ServiceHealth.parse(await answer.json());
    return { status, ms: Date.now() - started, dependencies, figures };
  } catch {
    return { status: "unhealthy", ms: Date.now() - started, dependencies: {}, figures: {} };
  }
}
