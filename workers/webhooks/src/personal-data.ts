import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPageOf } from "../../../shared/personal-data/export-page.ts";
import type { EventsRepo } from "./events.repo.ts";

/** An event may have 64 KiB, and what a page holds is kept in one row, which may have 2 MB. */
const EVENTS_PER_PAGE = 25;
/** One statement. Whoever has more is asked for again. */
const EVENTS_PER_ERASE = 1_000;

/** A page of an account's feed, oldest first. @param cursor the index of the last event of the page before */
export async function exportEvents(
  events: Pick<EventsRepo, "listAfter">,
  account: string,
  cursor: string | null,
): Promise<ExportPage> {
  const after = cursor === null ? undefined : Number(cursor);
  const found = await events.listAfter(account, after, EVENTS_PER_PAGE + 1);
  const recordOf = (event: object) => ({ record: "event", ...event });
  return exportPageOf(found, EVENTS_PER_PAGE, recordOf, (event) => String(event.index));
}

/** Deletes some of an account's events. Answers whether none is left. */
export async function eraseEvents(events: Pick<EventsRepo, "deleteSome">, account: string): Promise<boolean> {
  const deleted = await events.deleteSome(account, EVENTS_PER_ERASE);
  return deleted < EVENTS_PER_ERASE;
}
