import { Hono } from "hono";
import * as z from "zod";
import { eventsJsonSchema } from "../../../../shared/contracts/event-schemas.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import type { Env } from "../env.ts";

const SCHEMA = JSON.stringify(eventsJsonSchema());

/** `/events.schema.json`: what events look like, for whoever receives them. */
export const eventSchemaRoutes = new Hono<{ Bindings: Env }>();

eventSchemaRoutes.get(
  "/",
  describe({
    summary: "Read the JSON Schema of all events",
    tags: ["events"],
    responds: {
      200: { says: "JSON Schema 2020-12", content: { "application/schema+json": z.record(z.string(), z.unknown()) } },
    },
  }),
  (c) => c.body(SCHEMA, 200, { "Content-Type": "application/schema+json" }),
);
