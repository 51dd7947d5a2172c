import { type Context, Hono } from "hono";
import * as z from "zod";
import { NewServiceAccount, ServiceAccountView } from "../../../../shared/contracts/service-accounts.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPage, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { jsonBody, query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { createServiceAccount, viewServiceAccount } from "../accounts/create-service-account.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import type { RouteEnv } from "../env.ts";
import type { User } from "../schema.ts";
import { type KeyContext, keyRoutes } from "./keys.ts";

/** `/api/service-accounts`: users that are programs. */
export const serviceAccountRoutes = new Hono<{ Bindings: RouteEnv }>();

serviceAccountRoutes.get(
  "/",
  describe({
    summary: "List service accounts, newest first",
    tags: ["keys"],
    responds: { 200: z.array(ServiceAccountView) },
    sends: PAGE_HEADERS,
  }),
  requires("users:read"),
  query(Paging),
  async (c) => {
    const paging = c.req.valid("query");
    const accounts = await new UsersRepo(c.env.DB).listServiceAccounts(paging);
    return c.json(cutPage(c, accounts, paging).map(viewServiceAccount));
  },
);

serviceAccountRoutes.post(
  "/",
  describe({ summary: "Make a service account", tags: ["keys"], responds: { 201: ServiceAccountView } }),
  requires("users:write"),
  jsonBody(NewServiceAccount),
  async (c) => {
    const deps = { users: new UsersRepo(c.env.DB), commit: commitOf(c) };
    const created = await createServiceAccount(deps, c.var.actor, c.req.valid("json"));
    return created.ok ? c.json(viewServiceAccount(created.value), 201) : refuse(c, created.failure);
  },
);

serviceAccountRoutes.route("/:id/keys", keyRoutes(serviceAccountOf));

/** The service account of the path, null unless the actor may change anybody. People's keys are made by themselves. */
async function serviceAccountOf(c: KeyContext): Promise<User | null> {
  const id = c.req.param("id") ?? "";
  if (!isId(id) || !c.var.actor.permissions.has("users:write")) return null;
  const user = await new UsersRepo(c.env.DB).find(id);
  return user?.kind === "service" ? user : null;
}

function commitOf(c: Pick<Context<{ Bindings: RouteEnv }>, "env" | "executionCtx">) {
  return committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
}
