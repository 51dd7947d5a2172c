import type { Env } from "./env.ts";
import { bindingOf } from "./forward.ts";
import { SERVICES, type ServiceName } from "./routes.ts";

type Health = "healthy" | "degraded" | "unhealthy";

export interface HealthReport {
  status: Health;
  timestamp: string;
  service: string;
  services: Record<string, { status: Health }>;
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

let latest: { report: HealthReport; at: number } | null = null;
/** Unix milliseconds at which the last look began. */
let lookedAt = 0;

/** How all services are (S1.44, C14), as of at most 10 s ago. Unhealthy means that none of them answers. */
export async function systemHealth(env: Env, context: Pick<ExecutionContext, "waitUntil">): Promise<HealthReport> {
  const now = Date.now();
  if (latest === null || now - latest.at >= STALE_MS) return lookAtAll(env);
  const isUnderWay = now - lookedAt < PATIENCE_MS;
  if (now - latest.at >= FRESH_MS && !isUnderWay) context.waitUntil(lookAtAll(env));
  return latest.report;
}

async function lookAtAll(env: Env): Promise<HealthReport> {
  lookedAt = Date.now();
  const answers = await Promise.all(SERVICES.map(async (name) => [name, await serviceHealth(env, name)] as const));
  const healthy = answers.filter(([, status]) => status === "healthy").length;
  const report: HealthReport = {
    status: healthy === SERVICES.length ? "healthy" : healthy > 0 ? "degraded" : "unhealthy",
    timestamp: new Date().toISOString(),
    service: "gateway",
    services: Object.fromEntries(answers.map(([name, status]) => [name, { status }])),
  };
  latest = { report, at: Date.now() };
  return report;
}

async function serviceHealth(env: Env, name: ServiceName): Promise<Health> {
  try {
    const request = new Request("https://internal/health", { signal: AbortSignal.timeout(PATIENCE_MS) });
    const answer = await bindingOf(env, name).fetch(request);
    await answer.body?.cancel();
    return answer.ok ? "healthy" : "unhealthy";
  } catch {
    return "unhealthy";
  }
}
