import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPage } from "../../../shared/personal-data/export-page.ts";
import type { LoggedDelivery } from "./delivery/deliveries.repo.ts";
import { viewLogged } from "./delivery/view.ts";
import type { EventsRepo } from "./events.repo.ts";
import { viewWebhook } from "./webhooks/view.ts";
import type { WebhooksRepo } from "./webhooks/webhooks.repo.ts";

/** An event may have 64 KiB, and what a page holds is kept in one row, which may have 2 MB. */
const EVENTS_PER_PAGE = 25;
/** One may have twenty attempts, each at an address of 2,000 characters. */
const DELIVERIES_PER_PAGE = 25;

/** Stands in a cursor between a webhook and the last of its deliveries that was told, which is empty before the first. */
const BEHIND = "/";

interface ExportDeps {
  events: Pick<EventsRepo, "listAfter">;
  webhooks: Pick<WebhooksRepo, "allOf">;
  /** Some of a webhook's deliveries behind one, oldest first. */
  logAfter(webhookId: string, after: string | null, limit: number): Promise<LoggedDelivery[]>;
}

/**
 * A page of what is known of an account: its webhooks, without their secrets, before its first events; then its feed,
 * oldest first; then what was delivered to each webhook.
 * @param cursor the index of the last event of the page before, or a webhook and the last delivery
 */
export async function exportWebhooks(deps: ExportDeps, account: string, cursor: string | null): Promise<ExportPage> {
  if (cursor?.includes(BEHIND)) return exportDeliveries(deps, account, cursor);
  const webhooks = await deps.webhooks.allOf(account);
  const after = cursor === null ? undefined : Number(cursor);
  const found = await deps.events.listAfter(account, after, EVENTS_PER_PAGE + 1);
  const events = found.slice(0, EVENTS_PER_PAGE);
  const last = events.at(-1);
  const records = [
    ...(cursor === null ? webhooks : []).map((webhook) => ({ record: "webhook", ...viewWebhook(webhook) })),
    ...events.map((event) => ({ record: "event", ...event })),
  ];
  const hasMore = found.length > EVENTS_PER_PAGE && last !== undefined;
  return exportPage(records, hasMore ? String(last.index) : beginOf(webhooks[0]));
}

/** A page of one webhook's log. A webhook that was deleted since the page before is passed over with what it held. */
async function exportDeliveries(deps: ExportDeps, account: string, cursor: string): Promise<ExportPage> {
  const [begun = "", after = ""] = cursor.split(BEHIND);
  const [webhook, next] = (await deps.webhooks.allOf(account)).filter(({ id }) => id >= begun);
  if (webhook === undefined) return exportPage([], null);
  const isBegun = webhook.id === begun && after !== "";
  const found = await deps.logAfter(webhook.id, isBegun ? after : null, DELIVERIES_PER_PAGE + 1);
  const page = found.slice(0, DELIVERIES_PER_PAGE);
  const records = page.map((logged) => ({ record: "webhook_delivery", webhook: webhook.id, ...viewLogged(logged) }));
  const last = page.at(-1)?.delivery.id ?? "";
  return exportPage(records, found.length > DELIVERIES_PER_PAGE ? `${webhook.id}${BEHIND}${last}` : beginOf(next));
}

/** The cursor of a webhook's first page, null where there is no webhook. */
function beginOf(webhook: { id: string } | undefined): string | null {
  return webhook === undefined ? null : `${webhook.id}${BEHIND}`;
}
