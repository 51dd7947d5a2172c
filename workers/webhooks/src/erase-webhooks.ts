import type { EventsRepo } from "./events.repo.ts";
import type { WebhooksRepo } from "./webhooks/webhooks.repo.ts";

/** One statement. Whoever has more is asked for again. */
const EVENTS_PER_ERASE = 1_000;

interface EraseDeps {
  events: Pick<EventsRepo, "deleteSome">;
  webhooks: Pick<WebhooksRepo, "allOf" | "deleteAll">;
  /** Deletes what a webhook's queue holds. */
  empty(webhookId: string): Promise<void>;
}

/** Deletes some of an account's events, and its webhooks with all that they hold. Answers whether none is left. */
export async function eraseWebhooks(deps: EraseDeps, account: string): Promise<boolean> {
  // First of all, because it closes the door for new events and webhooks.
  const deleted = await deps.events.deleteSome(account, EVENTS_PER_ERASE);
  const ids = (await deps.webhooks.allOf(account)).map(({ id }) => id);
  if (ids.length > 0) {
    await Promise.all(ids.map((id) => deps.empty(id)));
    await deps.webhooks.deleteAll(ids);
  }
  return deleted < EVENTS_PER_ERASE;
}
