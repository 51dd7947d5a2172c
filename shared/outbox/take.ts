import type { DomainEvent } from "../contracts/events.ts";
import type { Settlement } from "../contracts/rpc.ts";
import type { D1OutboxStore } from "./d1-store.ts";

/** The database's side of a take: settles the last one, then answers the next events (`OutboxApi.takeEvents`). */
export async function takeFromDatabase(
  store: D1OutboxStore,
  relay: { taken(): Promise<void> },
  settlement: Settlement,
  limit: number,
): Promise<DomainEvent[]> {
  const isFirstTake = settlement.appended.length + settlement.refused.length === 0;
  if (isFirstTake) await relay.taken();
  await store.settle(settlement);
  return limit > 0 ? store.next(limit) : [];
}
