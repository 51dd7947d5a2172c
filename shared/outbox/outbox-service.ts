import { WorkerEntrypoint } from "cloudflare:workers";
import { type DomainEvent, SYSTEM_ACCOUNT } from "../contracts/events.ts";
import type { OutboxApi, RequestOrigin, SetAsideNote, Settlement } from "../contracts/rpc.ts";
import { newId } from "../ids.ts";
import { committer, RELAY_NAME, type RelayStub } from "./commit.ts";
import { D1OutboxStore } from "./d1-store.ts";
import { newEvent } from "./event.ts";

/** D1 binds a hundred values to a statement. */
const REDRIVEN_PER_CALL = 90;

interface OutboxBindings {
  DB: D1Database;
  RELAY: { getByName(name: string): RelayStub & { taken(): Promise<void> } };
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

  async setAsideEvents(limit: number): Promise<SetAsideNote[]> {
    return new D1OutboxStore(this.env.DB).setAside(limit);
  }

  async redriveEvents(origin: RequestOrigin, eventId: string | null): Promise<number> {
    const store = new D1OutboxStore(this.env.DB);
    const ids = (await store.setAside(REDRIVEN_PER_CALL, eventId)).map(({ id }) => id);
    const told = newEvent(origin, {
      type: "event.redriven",
      account: SYSTEM_ACCOUNT,
      resource: newId(),
      sequence: 1,
      metadata: { events: ids },
    });
    const commit = committer(this.env.RELAY.getByName(RELAY_NAME), this.ctx);
    return commit(() => store.redrive(ids, told));
  }
}
