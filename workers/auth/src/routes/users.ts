import { type Context, Hono } from "hono";
import * as z from "zod";
import type { Permission } from "../../../../shared/contracts/permissions.ts";
import { EraseRequest, ErasureView } from "../../../../shared/contracts/personal-data.ts";
import { UserChanges, UserView } from "../../../../shared/contracts/users.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody, optionalJsonBody, query } from "../../../../shared/http/validate.ts";
import { etagOf, matches } from "../../../../shared/http/version-tag.ts";
import { isId } from "../../../../shared/ids.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { changeUser, readOnlyErrors } from "../accounts/change-user.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import { viewUser } from "../accounts/view.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import type { User } from "../schema.ts";
import { answerErase } from "./erasures.ts";

type UserContext = Context<{ Bindings: RouteEnv; Variables: { actor: Actor } }>;

/** Mounted under every path that users go by. */
export const userRoutes = new Hono<{ Bindings: RouteEnv }>();

userRoutes.get(
  "/",
  describe({
    summary: "List the users you may see: yourself, or everybody for an admin",
    tags: ["users"],
    responds: { 200: z.array(UserView) },
    sends: PAGE_HEADERS,
  }),
  requires("account:read"),
  query(Paging),
  async (c) => {
    const paging = c.req.valid("query");
    const users = new UsersRepo(c.env.DB);
    const seesAll = c.var.actor.permissions.has("users:read") || readSettings(c.env).USER_DIRECTORY === "all";
    if (seesAll) return c.json(cutPage(c, await users.list(paging), paging).map(viewUser));
    const self = await users.find(c.var.actor.userId);
    return c.json(self === null ? [] : [viewUser(self)]);
  },
);

userRoutes.get(
  "/:id",
  describe({ summary: "Read a user", tags: ["users"], responds: { 200: UserView }, sends: { 200: ["ETag"] } }),
  requires("account:read"),
  async (c) => {
    const user = await reachableUser(c, "users:read");
    return user === null ? refuseUnknown(c) : answerUser(c, user);
  },
);

userRoutes.on(
  ["PUT", "PATCH"],
  "/:id",
  describe({
    summary: "Change a user's name or user name",
    tags: ["users"],
    responds: { 200: UserView },
    sends: { 200: ["ETag"] },
    headers: { "If-Match": "the `ETag` of the user as you read it: nobody else's change is overwritten" },
  }),
  requires("account:write"),
  jsonBody(UserChanges),
  async (c) => {
    const user = await reachableUser(c, "users:write");
    if (user === null) return refuseUnknown(c);
    const ifMatch = c.req.header("If-Match");
    if (!matches(ifMatch, user)) return refuseStale(c);
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
    if (changed.ok) return answerUser(c, changed.value);
    const isStale = changed.failure.code === "conflict" && ifMatch !== undefined;
    return isStale ? refuseStale(c) : refuse(c, changed.failure);
  },
);

userRoutes.delete(
  "/:id",
  describe({
    summary: "Erase an account: your own with your password, as an admin anybody's",
    tags: ["users"],
    responds: { 202: ErasureView },
    sends: { 202: ["Location"] },
  }),
  // For admins too: no API key may end an account.
  requires("credentials:manage"),
  optionalJsonBody(EraseRequest),
  async (c) => {
    const id = c.req.param("id");
    if (!isReachable(c, id, "users:write")) return refuseUnknown(c);
    return answerErase(c, id, c.req.valid("json").currentPassword);
  },
);

function answerUser(c: UserContext, user: User) {
  return c.json(viewUser(user), 200, { ETag: etagOf(user) });
}

function refuseStale(c: UserContext): Response {
  return refuse(c, { code: "precondition_failed", detail: "This user has another ETag by now. Read it again." });
}

/** The user of the path if it is the actor, or if the actor has the permission that reaches everybody. */
async function reachableUser(c: UserContext, everybody: Permission): Promise<User | null> {
  const id = c.req.param("id") ?? "";
  return isReachable(c, id, everybody) ? new UsersRepo(c.env.DB).find(id) : null;
}

function isReachable(c: UserContext, id: string, everybody: Permission): boolean {
  const { userId, permissions } = c.var.actor;
  return isId(id) && (id === userId || permissions.has(everybody));
}
