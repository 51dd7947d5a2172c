import { type Context, Hono } from "hono";
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
  describe({
    summary: "Read your events, oldest first",
    tags: ["events"],
    responds: { 200: EventsFeed },
    sends: { 200: ["Link"] },
  }),
  requires("events:read"),
  query(FeedQuery),
  async (c) => {
    const { after, limit } = c.req.valid("query");
    const found = await new EventsRepo(c.env.DB).listAfter(c.var.actor.userId, after, limit + 1);
    const events = found.slice(0, limit);
    const next = events.at(-1)?.index ?? null;
    if (found.length > limit) nameNextPage(c, String(next));
    const feed: EventsFeed = { events, next };
    return c.json(feed);
  },
);

function nameNextPage(c: Context, after: string): void {
  const next = new URL(c.req.url);
  next.searchParams.set("after", after);
  c.header("Link", `<${next.pathname}${next.search}>; rel="next"`);
}
