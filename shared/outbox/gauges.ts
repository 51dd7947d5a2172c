import type { Sample } from "../contracts/metrics.ts";
import { timeOfId } from "../ids.ts";
import { D1OutboxStore } from "./d1-store.ts";

interface GaugeBindings {
  DB: D1Database;
  SERVICE_NAME: string;
}

/**
 * What waits in a service's database for the log. Events that wait inside Durable Objects are not seen: each has its own.
 * Those that the log refused for good are, because the objects hand them over.
 */
export async function outboxGauges(env: GaugeBindings, now = Date.now()): Promise<Sample[]> {
  const { waiting, oldest, setAside } = await new D1OutboxStore(env.DB).figures();
  const labels = { service: env.SERVICE_NAME };
  const ageMs = oldest === null ? 0 : Math.max(0, now - timeOfId(oldest));
  return [
    { name: "halftone_outbox_events", labels, value: waiting },
    { name: "halftone_outbox_oldest_seconds", labels, value: ageMs / 1_000 },
    { name: "halftone_outbox_set_aside", labels, value: setAside },
  ];
}
