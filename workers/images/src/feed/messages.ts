import * as z from "zod";

/** Who listens to a feed: a stream of all of it, or a watch over one photo. */
export const LISTENERS = ["stream", "watch"] as const;
export type ListenerKind = (typeof LISTENERS)[number];

/** What a stream's socket asks and its feed answers without waking up. */
export const PING = "ping";
export const PONG = "pong";

/**
 * What a feed sends. `hello` tells where the feed stands, `reset` that what came behind the entry that the client
 * named last is not all there any more.
 */
export const FeedMessage = z.discriminatedUnion("event", [
  z.object({ event: z.literal("hello"), id: z.number(), data: z.null() }),
  z.object({ event: z.enum(["status", "reset"]), id: z.number(), data: z.string() }),
]);
export type FeedMessage = z.output<typeof FeedMessage>;
