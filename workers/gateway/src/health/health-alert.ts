import type { Health } from "../../../../shared/http/health.ts";
import type { SystemReport } from "./health.ts";

/** A service whose state is not the one that was told last. */
export interface HealthChange {
  service: string;
  from: Health;
  to: Health;
  /** The dependencies that do not answer. */
  failing: string[];
}

/** A receiver that takes longer is away; the next look tells it again. */
const PATIENCE_MS = 5_000;

/** What has changed since the last time. A service that was never told of counts as having been well. */
export function healthChanges(told: Record<string, Health>, { services }: SystemReport): HealthChange[] {
  return Object.entries(services)
    .map(([service, { status, dependencies }]) => ({
      service,
      from: told[service] ?? "healthy",
      to: status,
      failing: Object.keys(dependencies).filter((name) => dependencies[name]?.status !== "healthy"),
    }))
    .filter(({ from, to }) => from !== to);
}

/** Posts the changes. `text` is what chat systems show; the rest is for programs. Throws when nobody took it. */
export async function postAlert(url: string, report: SystemReport, changes: HealthChange[]): Promise<void> {
  const sentences = changes.map(({ service, from, to }) => `${service} is ${to}, was ${from}.`);
  const body = {
    text: `Halftone is ${report.status}: ${sentences.join(" ")}`,
    status: report.status,
    timestamp: report.timestamp,
    changes,
  };
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the alert's receiver answered ${answer.status}`);
}
