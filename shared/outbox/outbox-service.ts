import { WorkerEntrypoint } from "cloudflare:workers";
import type { DomainEvent } from "../contracts/events.ts";
import type { OutboxApi, Settlement } from "../contracts/rpc.ts";
import { RELAY_NAME } from "./commit.ts";
import { D1OutboxStore } from "./d1-store.ts";

interface OutboxBindings {
  DB: D1Database;
  RELAY: { getByName(name: string): { taken(): Promise<void> } };
}

/** The door by which audit takes the events that lie in a service's database. */
export class DatabaseOutboxService<Bindings extends OutboxBindings>
  extends WorkerEntrypoint<Bindings>
  implements OutboxApi
{
  async takeEvents(_object: string | null, settlement: Settlement, limit: number): Promise<DomainEvent[]> {
    const isFirstTake = settlement.appended.length + settlement.refused.length === 0;
    if (isFirstTake) await this.env.RELAY.getByName(RELAY_NAME).taken();
    const store = new D1OutboxStore(this.env.DB);
    await store.settle(settlement);
    return limit > 0 ? store.next(limit) : [];
  }
}
