import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPage } from "../../../shared/personal-data/export-page.ts";
import type { LoggedDelivery } from "./delivery/deliveries.repo.ts";
import { viewLogged } from "./delivery/view.ts";
import type { EndpointsRepo } from "./endpoints/endpoints.repo.ts";
import { viewEndpoint } from "./endpoints/view.ts";
import type { EventsRepo } from "./events.repo.ts";

/** An event may have 64 KiB, and what a page holds is kept in one row, which may have 2 MB. */
const EVENTS_PER_PAGE = 25;
/** One may have twenty attempts, each at an address of 2,000 characters. */
const DELIVERIES_PER_PAGE = 25;

/** Stands in a cursor between an endpoint and the last of its deliveries that was told, which is empty before the first. */
const BEHIND = "/";

interface ExportDeps {
  events: Pick<EventsRepo, "listAfter">;
  endpoints: Pick<EndpointsRepo, "allOf">;
  /** Some of an endpoint's deliveries behind one, oldest first. */
  logAfter(endpointId: string, after: string | null, limit: number): Promise<LoggedDelivery[]>;
}

/**
 * A page of what is known of an account: its endpoints, without their secrets, before its first events; then its feed,
 * oldest first; then what was delivered to each endpoint.
 * @param cursor the index of the last event of the page before, or an endpoint and the last delivery
 */
export async function exportWebhooks(deps: ExportDeps, account: string, cursor: string | null): Promise<ExportPage> {
  if (cursor?.includes(BEHIND)) return exportDeliveries(deps, account, cursor);
  const endpoints = await deps.endpoints.allOf(account);
  const after = cursor === null ? undefined : Number(cursor);
  const found = await deps.events.listAfter(account, after, EVENTS_PER_PAGE + 1);
  const events = found.slice(0, EVENTS_PER_PAGE);
  const last = events.at(-1);
  const records = [
    ...(cursor === null ? endpoints : []).map((endpoint) => ({ record: "webhook", ...viewEndpoint(endpoint) })),
    ...events.map((event) => ({ record: "event", ...event })),
  ];
  const hasMore = found.length > EVENTS_PER_PAGE && last !== undefined;
  return exportPage(records, hasMore ? String(last.index) : beginOf(endpoints[0]));
}

/** A page of one endpoint's log. An endpoint that was deleted since the page before is passed over with what it held. */
async function exportDeliveries(deps: ExportDeps, account: string, cursor: string): Promise<ExportPage> {
  const [begun = "", after = ""] = cursor.split(BEHIND);
  const [endpoint, next] = (await deps.endpoints.allOf(account)).filter(({ id }) => id >= begun);
  if (endpoint === undefined) return exportPage([], null);
  const isBegun = endpoint.id === begun && after !== "";
  const found = await deps.logAfter(endpoint.id, isBegun ? after : null, DELIVERIES_PER_PAGE + 1);
  const page = found.slice(0, DELIVERIES_PER_PAGE);
  const records = page.map((logged) => ({ record: "webhook_delivery", webhook: endpoint.id, ...viewLogged(logged) }));
  const last = page.at(-1)?.delivery.id ?? "";
  return exportPage(records, found.length > DELIVERIES_PER_PAGE ? `${endpoint.id}${BEHIND}${last}` : beginOf(next));
}

/** The cursor of an endpoint's first page, null where there is no endpoint. */
function beginOf(endpoint: { id: string } | undefined): string | null {
  return endpoint === undefined ? null : `${endpoint.id}${BEHIND}`;
}
