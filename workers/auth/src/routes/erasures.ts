import { type Context, Hono } from "hono";
import { ErasureView } from "../../../../shared/contracts/personal-data.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { isId } from "../../../../shared/ids.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import type { RouteEnv } from "../env.ts";
import { eraseUser } from "../erasure/erase-user.ts";
import { viewErasure } from "../erasure/erasure-view.ts";
import { ErasuresRepo } from "../erasure/erasures.repo.ts";
import { limitDeps } from "../login/login-deps.ts";

/** How far an erasure is. Open, because the account that could sign in is gone: the id, which is random, is the key. */
export const erasureRoutes = new Hono<{ Bindings: RouteEnv }>();

erasureRoutes.get(
  "/:id",
  describe({
    summary: "How far the erasure of an account is",
    tags: ["users"],
    responds: { 200: ErasureView },
  }),
  async (c) => {
    const id = c.req.param("id");
    const erasure = isId(id) ? await new ErasuresRepo(c.env.DB).find(id) : null;
    return erasure === null ? refuseUnknown(c) : c.json(viewErasure(erasure), 200, { "Cache-Control": "no-store" });
  },
);

/** Answers the request to erase an account that the actor may erase. */
export async function answerErase(
  c: Context<{ Bindings: RouteEnv; Variables: { actor: Actor } }>,
  userId: string,
  currentPassword: string | undefined,
): Promise<Response> {
  const deps = {
    ...limitDeps(c.env, c.var.log),
    users: new UsersRepo(c.env.DB),
    erasures: new ErasuresRepo(c.env.DB),
    commit: committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx),
    eraseSessions: (id: string, actor: Actor) => c.env.USER_SESSIONS.getByName(id).erase(actor),
  };
  const erased = await eraseUser(deps, c.var.actor, userId, currentPassword);
  if (erased.ok) return c.json(viewErasure(erased.value), 202, { Location: `/api/erasures/${erased.value.id}` });
  const { code, detail } = erased.failure;
  if (code === "not_found") return refuseUnknown(c);
  if (code !== "wrong_password") return refuse(c, { code, detail });
  const errors = [{ path: "currentPassword", message: detail }];
  return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
}
