import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPage } from "../../../shared/personal-data/export-page.ts";
import type { EndpointsRepo } from "./endpoints/endpoints.repo.ts";
import { viewEndpoint } from "./endpoints/view.ts";
import type { EventsRepo } from "./events.repo.ts";

/** An event may have 64 KiB, and what a page holds is kept in one row, which may have 2 MB. */
const EVENTS_PER_PAGE = 25;
/** One statement. Whoever has more is asked for again. */
const EVENTS_PER_ERASE = 1_000;

interface ExportDeps {
  events: Pick<EventsRepo, "listAfter">;
  endpoints: Pick<EndpointsRepo, "allOf">;
}

/**
 * A page of what is known of an account: its endpoints, without their secrets, before its first events; then its feed,
 * oldest first.
 * @param cursor the index of the last event of the page before
 */
export async function exportEvents(deps: ExportDeps, account: string, cursor: string | null): Promise<ExportPage> {
  const endpoints = cursor === null ? await deps.endpoints.allOf(account) : [];
  const after = cursor === null ? undefined : Number(cursor);
  const found = await deps.events.listAfter(account, after, EVENTS_PER_PAGE + 1);
  const events = found.slice(0, EVENTS_PER_PAGE);
  const last = events.at(-1);
  const records = [
    ...endpoints.map((endpoint) => ({ record: "webhook", ...viewEndpoint(endpoint) })),
    ...events.map((event) => ({ record: "event", ...event })),
  ];
  return exportPage(records, found.length > EVENTS_PER_PAGE && last !== undefined ? String(last.index) : null);
}

interface EraseDeps {
  events: Pick<EventsRepo, "deleteSome">;
  endpoints: Pick<EndpointsRepo, "allOf" | "deleteAll">;
  /** Deletes what an endpoint's object holds. */
  empty(endpointId: string): Promise<void>;
}

/** Deletes some of an account's events, and its endpoints with all that they hold. Answers whether none is left. */
export async function eraseEvents(deps: EraseDeps, account: string): Promise<boolean> {
  // First of all, because it closes the door for new events and endpoints.
  const deleted = await deps.events.deleteSome(account, EVENTS_PER_ERASE);
  const ids = (await deps.endpoints.allOf(account)).map(({ id }) => id);
  if (ids.length > 0) {
    await Promise.all(ids.map((id) => deps.empty(id)));
    await deps.endpoints.deleteAll(ids);
  }
  return deleted < EVENTS_PER_ERASE;
}
