import { Hono } from "hono";
import * as z from "zod";
import { EventsFeed } from "../../../../shared/contracts/events-feed.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { Paging } from "../../../../shared/http/paging.ts";
import { query } from "../../../../shared/http/validate.ts";
import type { Env } from "../env.ts";
import { EventsRepo } from "../events.repo.ts";

const FeedQuery = z.object({
  /** The index of the last event that the caller has; without it the feed begins at the oldest. */
  after: z.coerce.number().int().nonnegative().optional(),
  limit: Paging.shape.limit,
});

export const eventRoutes = new Hono<{ Bindings: Env }>();

eventRoutes.get(
  "/",
  describe({ summary: "Read your events, oldest first", tags: ["events"], responds: { 200: EventsFeed } }),
  requires("events:read"),
  query(FeedQuery),
  async (c) => {
    const { after, limit } = c.req.valid("query");
    const events = await new EventsRepo(c.env.DB).listAfter(c.var.actor.userId, after, limit);
    const feed: EventsFeed = { events, next: events.at(-1)?.index ?? null };
    return c.json(feed);
  },
);
