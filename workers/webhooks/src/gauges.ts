import type { Sample } from "../../../shared/contracts/metrics.ts";
import { outboxGauges } from "../../../shared/outbox/gauges.ts";
import type { Env } from "./env.ts";
import { WebhooksRepo } from "./webhooks/webhooks.repo.ts";

/** What waits for the log, and what waits for other people's servers. */
export async function webhookGauges(env: Env, now = Date.now()): Promise<Sample[]> {
  const { waiting, setAside, oldestAt, disabled } = await new WebhooksRepo(env.DB).figures();
  const ageMs = oldestAt === null ? 0 : Math.max(0, now - oldestAt);
  return [
    ...(await outboxGauges(env, now)),
    { name: "halftone_webhook_deliveries", labels: { status: "waiting" }, value: waiting },
    { name: "halftone_webhook_deliveries", labels: { status: "failed" }, value: setAside },
    { name: "halftone_webhook_oldest_seconds", labels: {}, value: ageMs / 1_000 },
    { name: "halftone_webhooks_disabled", labels: {}, value: disabled },
  ];
}
