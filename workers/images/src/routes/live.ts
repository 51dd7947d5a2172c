import { Hono } from "hono";
import * as z from "zod";
import { requires } from "../../../../shared/http/identity.ts";
import { describe, TEXT } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { query } from "../../../../shared/http/validate.ts";
import type { Env } from "../env.ts";
import { liveStream } from "../feed/live-stream.ts";
import { openFeed, PLACE_FREE_AFTER } from "../feed/open-feed.ts";

/** `no-transform` and the last one keep proxies from holding back what is small. */
const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

const EntryId = z.string().regex(/^\d{1,15}$/, "write the id of an event of this stream");

/** `/api/images/events`: what happens to one's photos, as it happens. */
export const liveRoutes = new Hono<{ Bindings: Env }>();

liveRoutes.get(
  "/",
  describe({
    summary: "Hear how your photos get on, as it happens (server-sent events)",
    tags: ["images"],
    responds: {
      200: {
        says: "Events `status`, each with an `ImageUpdate` as its data; `reset` where some were missed for good",
        content: { "text/event-stream": TEXT },
      },
    },
    headers: { "Last-Event-ID": "the last event that came: those behind it are sent first" },
  }),
  requires("images:read"),
  query(z.object({ lastEventId: EntryId.optional().describe("`Last-Event-ID`, for clients that cannot set headers") })),
  async (c) => {
    const lastEventId = c.req.header("Last-Event-ID") ?? c.req.valid("query").lastEventId;
    if (lastEventId !== undefined && !EntryId.safeParse(lastEventId).success) {
      return refuse(c, {
        code: "malformed_request",
        detail: "Last-Event-ID is not the id of an event of this stream.",
      });
    }
    if (c.req.method === "HEAD") return c.body(null, 200, HEADERS);
    const opened = await openFeed(
      c.env.FEEDS,
      c.var.actor.userId,
      "stream",
      lastEventId === undefined ? null : Number(lastEventId),
    );
    if (!opened.ok) return refuse(c, opened.failure, { headers: { "Retry-After": PLACE_FREE_AFTER } });
    return c.body(liveStream(opened.value), 200, HEADERS);
  },
);
