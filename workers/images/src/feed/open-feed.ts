import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { Env } from "../env.ts";
import type { ListenerKind } from "./messages.ts";

/** Seconds after which a gone client's place is free again: it is missed at the next heartbeats. */
export const PLACE_FREE_AFTER = "30";

/**
 * Opens a socket to a user's feed.
 * @param after the last entry that the client has; null for what comes from now on
 */
export async function openFeed(
  feeds: Env["FEEDS"],
  userId: string,
  listener: ListenerKind,
  after: number | null,
): Promise<Result<WebSocket, "rate_limited">> {
  const query = after === null ? "" : `?after=${after}`;
  const url = `https://feed/${listener}${query}`;
  const answer = await feeds.getByName(userId).fetch(url, { headers: { Upgrade: "websocket" } });
  if (answer.status === 429) return fail("rate_limited", "You have as many streams open as there may be.");
  if (answer.webSocket === null) throw new Error(`A feed answered ${answer.status}.`);
  return ok(answer.webSocket);
}
