import { Hono } from "hono";
import { UserView } from "../../../../shared/contracts/users.ts";
import { requireActor } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import type { RouteEnv } from "../env.ts";
import { UsersRepo } from "../users.repo.ts";
import { viewUser } from "../view.ts";

/** Mounted under every path that one's own profile goes by (C8). */
export const profileRoutes = new Hono<{ Bindings: RouteEnv }>();

profileRoutes.get(
  "/",
  describe({ summary: "Read your own profile", tags: ["users"], responds: { 200: UserView } }),
  requireActor,
  async (c) => {
    const user = await new UsersRepo(c.env.DB).find(c.var.actor.userId);
    if (user === null) return refuse(c, { code: "unauthenticated", detail: "This account does not exist any more." });
    return c.json(viewUser(user));
  },
);
