import { type Context, Hono } from "hono";
import { Checks, NewCheck } from "../../../../shared/contracts/consistency.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { optionalJsonBody } from "../../../../shared/http/validate.ts";
import { duration } from "../../../../shared/settings.ts";
import { CHECK_NAME } from "../consistency/consistency-check.do.ts";
import type { Env } from "../env.ts";

/** `/api/admin/fsck`: whether rows, objects and jobs fit together. */
export const consistencyRoutes = new Hono<{ Bindings: Env }>();

consistencyRoutes.get(
  "/",
  describe({ summary: "Read how the last consistency check ended", tags: ["admin"], responds: { 200: Checks } }),
  requires("system:manage"),
  async (c) => c.json(await checkOf(c).reports()),
);

consistencyRoutes.post(
  "/",
  describe({
    summary: "Check that rows, objects and jobs fit together, and repair what does not",
    tags: ["admin"],
    responds: { 202: Checks },
  }),
  requires("system:manage"),
  optionalJsonBody(NewCheck),
  async (c) => c.json(await checkOf(c).start(duration.parse(c.req.valid("json").olderThan)), 202),
);

function checkOf(c: Pick<Context<{ Bindings: Env }>, "env">) {
  return c.env.CONSISTENCY.getByName(CHECK_NAME);
}
