import { type Context, Hono } from "hono";
import * as z from "zod";
import { UserChanges, UserView } from "../../../../shared/contracts/users.ts";
import { type Actor, requireActor } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { changeUser, readOnlyErrors } from "../change-user.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import type { User } from "../schema.ts";
import { UsersRepo } from "../users.repo.ts";
import { viewUser } from "../view.ts";

type UserContext = Context<{ Bindings: RouteEnv; Variables: { actor: Actor } }>;

/** Mounted under every path that users go by. */
export const userRoutes = new Hono<{ Bindings: RouteEnv }>();

userRoutes.get(
  "/",
  describe({
    summary: "List the users you may see: yourself, or everybody for an admin",
    tags: ["users"],
    responds: { 200: z.array(UserView) },
  }),
  requireActor,
  query(Paging),
  async (c) => {
    const paging = c.req.valid("query");
    const users = new UsersRepo(c.env.DB);
    const seesAll = c.var.actor.role === "admin" || readSettings(c.env).USER_DIRECTORY === "all";
    if (seesAll) return c.json(cutPage(c, await users.list(paging), paging).map(viewUser));
    const self = await users.find(c.var.actor.userId);
    return c.json(self === null ? [] : [viewUser(self)]);
  },
);

userRoutes.get(
  "/:id",
  describe({ summary: "Read a user", tags: ["users"], responds: { 200: UserView } }),
  requireActor,
  async (c) => {
    const user = await visibleUser(c);
    return user === null ? refuseUnknown(c) : c.json(viewUser(user));
  },
);

userRoutes.on(
  ["PUT", "PATCH"],
  "/:id",
  describe({ summary: "Change a user's name or user name", tags: ["users"], responds: { 200: UserView } }),
  requireActor,
  jsonBody(UserChanges),
  async (c) => {
    const user = await visibleUser(c);
    if (user === null) return refuseUnknown(c);
    const changes = c.req.valid("json");
    const errors = readOnlyErrors(user, changes);
    if (errors.length > 0) {
      return refuse(c, { code: "invalid_request", detail: "Some fields cannot be changed: see errors." }, { errors });
    }
    const deps = {
      users: new UsersRepo(c.env.DB),
      commit: committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx),
    };
    const changed = await changeUser(deps, c.var.actor, user, changes);
    return changed.ok ? c.json(viewUser(changed.value)) : refuse(c, changed.failure);
  },
);

/** The user of the path if the actor may see it: the person and admins may. */
async function visibleUser(c: UserContext): Promise<User | null> {
  const id = c.req.param("id") ?? "";
  const { userId, role } = c.var.actor;
  if (!isId(id) || (id !== userId && role !== "admin")) return null;
  return new UsersRepo(c.env.DB).find(id);
}
