import { Hono } from "hono";
import * as z from "zod";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { describeError } from "../../../../shared/log.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import type { RouteEnv } from "../env.ts";
import { KEYRING_NAME } from "../signing/keyring.do.ts";

/** Five minutes: whoever meets an unknown key id in between asks again anyway. */
const JWKS_CACHE = "public, max-age=300";

const KeySet = z.object({ keys: z.array(z.record(z.string(), z.json())) }).meta({ ref: "KeySet" });
const DatabaseTest = z
  .object({ status: z.literal("ok"), database: z.literal("reachable"), timestamp: z.iso.datetime() })
  .meta({ ref: "DatabaseTest" });

export const systemRoutes = new Hono<{ Bindings: RouteEnv }>();

systemRoutes.get(
  "/.well-known/jwks.json",
  describe({
    summary: "The keys that access tokens verify against",
    tags: ["auth"],
    responds: { 200: KeySet },
  }),
  async (c) => {
    const { keys } = await c.env.KEYRING.getByName(KEYRING_NAME).jwks();
    return c.json({ keys }, 200, { "Cache-Control": JWKS_CACHE });
  },
);

systemRoutes.get(
  "/test-db",
  describe({ summary: "Ask the database", tags: ["auth"], responds: { 200: DatabaseTest } }),
  async (c) => {
    try {
      await new UsersRepo(c.env.DB).ping();
    } catch (error) {
      c.var.log.error("database not reachable", { error: describeError(error) });
      return refuse(c, { code: "service_unavailable", detail: "The database does not answer." });
    }
    return c.json({ status: "ok", database: "reachable", timestamp: new Date().toISOString() });
  },
);
