import { D1OutboxStore } from "../../../../shared/outbox/d1-store.ts";
import { type ObjectOutbox, SET_ASIDE } from "../../../../shared/outbox/object-store.ts";

const ROWS_PER_BATCH = 100;

/**
 * Takes the events of a user's object that the log refused for good into the service's outbox, where those of the
 * database stand too: counted, read and offered again in one way. Doing it twice changes nothing.
 */
export async function keepSetAside(outbox: ObjectOutbox, database: D1Database): Promise<void> {
  const events = outbox.setAside(ROWS_PER_BATCH);
  await new D1OutboxStore(database).keepSetAside(events);
  outbox.settle(SET_ASIDE, { appended: events.map(({ id }) => id), refused: [] });
}
