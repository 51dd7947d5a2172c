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
/** A service that takes longer to say that it is well is not. */
const PATIENCE_MS = 2_000;

let latest: { report: HealthReport; at: number } | null = null;

/** Asks all services how they are (S1.44, C14). Unhealthy means that none of them answers. */
export async function systemHealth(env: Env): Promise<HealthReport> {
  if (latest !== null && Date.now() - latest.at < FRESH_MS) return latest.report;
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
