import * as z from "zod";

/**
 * An event as other servers may see it. It says who acted and never from where: addresses and agents stay in the
 * owner's log.
 */
export const FeedEvent = z
  .object({
    id: z.string(),
    index: z.number().int().describe("its place in the account's log"),
    type: z.string(),
    resource: z.string(),
    sequence: z.number().int().describe("counts up per resource, from 1"),
    occurredAt: z.iso.datetime(),
    metadata: z.record(z.string(), z.json()),
    actor: z.object({
      userId: z.string().nullable(),
      keyId: z.string().nullable().describe("the API key that was used, null for a person's own session"),
    }),
  })
  .meta({ ref: "FeedEvent" });
export type FeedEvent = z.output<typeof FeedEvent>;

/** `GET /api/events?after=`, oldest first. */
export const EventsFeed = z
  .object({
    events: z.array(FeedEvent),
    next: z.number().int().nullable().describe("the next request's `after`; null when nothing newer is there yet"),
  })
  .meta({ ref: "EventsFeed" });
export type EventsFeed = z.output<typeof EventsFeed>;
