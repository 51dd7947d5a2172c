import { type Context, Hono } from "hono";
import { EraseRequest, ErasureView } from "../../../../shared/contracts/personal-data.ts";
import { PasswordChange, PasswordChanged, UserView } from "../../../../shared/contracts/users.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { jsonBody, optionalJsonBody } from "../../../../shared/http/validate.ts";
import { etagOf } from "../../../../shared/http/version-tag.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { Failure } from "../../../../shared/result.ts";
import { type ChangePasswordFailure, changePassword } from "../accounts/change-password.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import { viewUser } from "../accounts/view.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { limitDeps } from "../login/login-deps.ts";
import { answerErase } from "./erasures.ts";

/** Mounted under every path that one's own profile goes by (C8). */
export const profileRoutes = new Hono<{ Bindings: RouteEnv }>();

profileRoutes.get(
  "/",
  describe({
    summary: "Read your own profile",
    tags: ["users"],
    responds: { 200: UserView },
    sends: { 200: ["ETag"] },
  }),
  requires("account:read"),
  async (c) => {
    const user = await new UsersRepo(c.env.DB).find(c.var.actor.userId);
    if (user === null) return refuse(c, { code: "unauthenticated", detail: "This account does not exist any more." });
    return c.json(viewUser(user), 200, { ETag: etagOf(user) });
  },
);

profileRoutes.post(
  "/password",
  describe({
    summary: "Change your password and end your other sessions",
    tags: ["users"],
    responds: { 200: PasswordChanged },
  }),
  requires("credentials:manage"),
  jsonBody(PasswordChange),
  async (c) => {
    const deps = {
      ...limitDeps(c.env, c.var.log),
      users: new UsersRepo(c.env.DB),
      commit: committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx),
      commonPasswords: readSettings(c.env).PASSWORD_BLOCKLIST,
      endOtherSessions: (actor: Actor) =>
        c.env.USER_SESSIONS.getByName(actor.userId).endAll("password_changed", actor, actor.sessionId),
    };
    const changed = await changePassword(deps, c.var.actor, c.req.valid("json"));
    return changed.ok ? c.json(changed.value) : refuseChange(c, changed.failure);
  },
);

profileRoutes.delete(
  "/",
  describe({
    summary: "Erase your account, with your password",
    tags: ["users"],
    responds: { 202: ErasureView },
    sends: { 202: ["Location"] },
  }),
  requires("credentials:manage"),
  optionalJsonBody(EraseRequest),
  (c) => answerErase(c, c.var.actor.userId, c.req.valid("json").currentPassword),
);

/** A wrong password is no 401 here: the access token was good, and a client must not throw it away. */
function refuseChange(c: Context, { code, detail }: Failure<ChangePasswordFailure>): Response {
  if (code === "wrong_password") return refuseField(c, "currentPassword", detail);
  if (code === "unsuitable_password") return refuseField(c, "newPassword", detail);
  return refuse(c, { code, detail });
}

function refuseField(c: Context, path: string, message: string): Response {
  const errors = [{ path, message }];
  return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
}
