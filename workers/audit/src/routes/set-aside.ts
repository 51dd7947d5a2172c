import { Hono } from "hono";
import { RedriveEvents, RedrivenEvents, SetAsideView } from "../../../../shared/contracts/set-aside.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { optionalJsonBody } from "../../../../shared/http/validate.ts";
import { outboxesOf } from "../consume.ts";
import type { Env } from "../env.ts";
import { listSetAside, redriveEvents } from "../set-aside.ts";

/** `/api/admin/events`: what the log refused for good, for those who look after the deployment. */
export const setAsideRoutes = new Hono<{ Bindings: Env }>();

setAsideRoutes.get(
  "/",
  describe({
    summary: "List the events that the log refused for good, and why",
    tags: ["admin"],
    responds: { 200: SetAsideView },
  }),
  requires("system:manage"),
  async (c) => c.json(await listSetAside(outboxesOf(c.env))),
);

setAsideRoutes.post(
  "/redrive",
  describe({
    summary: "Offer events to the log again that it refused for good; some in each call",
    tags: ["admin"],
    responds: { 202: RedrivenEvents },
  }),
  requires("system:manage"),
  optionalJsonBody(RedriveEvents),
  async (c) => c.json(await redriveEvents(outboxesOf(c.env), c.var.actor, c.req.valid("json")), 202),
);
