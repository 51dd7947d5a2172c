import type { Context } from "hono";
import * as z from "zod";
import type { ServiceBindings } from "./context.ts";

export const HEALTH_STATES = ["healthy", "degraded", "unhealthy"] as const;
export type Health = (typeof HEALTH_STATES)[number];

/** A dependency that `/health` asks. It throws or answers false when it is away. */
export type HealthCheck<Bindings> = (env: Bindings) => Promise<unknown>;

/** What a service says of itself, to the gateway alone: it has no public route. */
export const ServiceHealth = z.object({
  status: z.enum(HEALTH_STATES),
  dependencies: z
    .record(z.string(), z.object({ status: z.enum(HEALTH_STATES), ms: z.number().describe("milliseconds it took") }))
    .default({}),
  figures: z.record(z.string(), z.number()).default({}),
});
export type DependencyHealth = z.output<typeof ServiceHealth>["dependencies"][string];

/**
 * A dependency that takes longer to answer is away. Less than the gateway's patience with the service, so that the
 * service itself does not count as away because of it.
 */
const PATIENCE_MS = 1_500;

/** Well when all parts are, unwell when none is, degraded between: the rule for a service and for the whole system. */
export function healthOf(parts: Health[]): Health {
  if (parts.every((part) => part === "healthy")) return "healthy";
  return parts.every((part) => part === "unhealthy") ? "unhealthy" : "degraded";
}

/** Answers how a service and its dependencies are. 503 only when none of them works. */
export async function answerHealth<Bindings extends ServiceBindings>(
  c: Context<{ Bindings: Bindings }>,
  checks: Record<string, HealthCheck<Bindings>>,
  figures: (env: Bindings) => Promise<Record<string, number>> = async () => ({}),
): Promise<Response> {
  const [dependencies, told] = await Promise.all([askAll(checks, c.env), askFigures(figures, c.env)]);
  const status = healthOf(Object.values(dependencies).map((dependency) => dependency.status));
  const body = {
    status,
    timestamp: new Date().toISOString(),
    service: c.env.SERVICE_NAME,
    dependencies,
    figures: told,
  };
  return c.json(body, status === "unhealthy" ? 503 : 200);
}

async function askAll<Bindings>(
  checks: Record<string, HealthCheck<Bindings>>,
  env: Bindings,
): Promise<Record<string, DependencyHealth>> {
  const asked = Object.entries(checks).map(async ([name, check]) => [name, await ask(check, env)] as const);
  return Object.fromEntries(await Promise.all(asked));
}

async function ask<Bindings>(check: HealthCheck<Bindings>, env: Bindings): Promise<DependencyHealth> {
  const started = Date.now();
  const isWell = await Promise.race([answersWell(check, env), scheduler.wait(PATIENCE_MS).then(() => false)]);
  return { status: isWell ? "healthy" : "unhealthy", ms: Date.now() - started };
}

/** They are beside the point: a service whose figures cannot be had is no worse. */
async function askFigures<Bindings>(figures: (env: Bindings) => Promise<Record<string, number>>, env: Bindings) {
  const none = scheduler.wait(PATIENCE_MS).then(() => ({}));
  return Promise.race([figures(env).catch(() => ({})), none]);
}

async function answersWell<Bindings>(check: HealthCheck<Bindings>, env: Bindings): Promise<boolean> {
  try {
    return (await check(env)) !== false;
  } catch {
    return false;
  }
}
