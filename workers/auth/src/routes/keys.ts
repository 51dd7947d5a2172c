import { type Context, Hono } from "hono";
import * as z from "zod";
import { CreatedKey, KeyView, NewKey } from "../../../../shared/contracts/keys.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { jsonBody } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import type { ApiKey } from "../api-keys/api-keys.repo.ts";
import { createKey, keyErrors, viewKey } from "../api-keys/create-key.ts";
import type { RouteEnv } from "../env.ts";
import type { User } from "../schema.ts";

export type KeyContext = Context<{ Bindings: RouteEnv; Variables: { actor: Actor } }>;

/**
 * The API keys of one account. A key can never reach these routes, whatever its scopes are.
 * @param accountOf whose keys a request is about; null where there is no such account for this caller
 */
export function keyRoutes(accountOf: (c: KeyContext) => Promise<User | null>) {
  const routes = new Hono<{ Bindings: RouteEnv }>();

  routes.get(
    "/",
    describe({ summary: "List API keys, newest first", tags: ["keys"], responds: { 200: z.array(KeyView) } }),
    requires("credentials:manage"),
    async (c) => {
      const account = await accountOf(c);
      if (account === null) return refuseUnknown(c);
      const keys = await c.env.USER_SESSIONS.getByName(account.id).keys();
      return c.json(keys.map((key) => viewKey(account.id, key)));
    },
  );

  routes.post(
    "/",
    describe({
      summary: "Make an API key; its secret is shown this once",
      tags: ["keys"],
      responds: { 201: CreatedKey },
      sends: { 201: ["Location"] },
    }),
    requires("credentials:manage"),
    jsonBody(NewKey),
    async (c) => {
      const account = await accountOf(c);
      if (account === null) return refuseUnknown(c);
      const input = c.req.valid("json");
      const errors = await keyErrors(account, input);
      if (errors.length > 0) {
        return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
      }
      const home = c.env.USER_SESSIONS.getByName(account.id);
      const created = await createKey(home, c.var.actor, account, input);
      if (!created.ok) return refuse(c, created.failure);
      const headers = { Location: `${c.req.path}/${created.value.id}`, "Cache-Control": "no-store" };
      return c.json(created.value, 201, headers);
    },
  );

  routes.get(
    "/:keyId",
    describe({ summary: "Read an API key, without its secret", tags: ["keys"], responds: { 200: KeyView } }),
    requires("credentials:manage"),
    async (c) => {
      const found = await keyOf(c, accountOf);
      return found === null ? refuseUnknown(c) : c.json(viewKey(found.account.id, found.key));
    },
  );

  routes.delete(
    "/:keyId",
    describe({ summary: "End an API key, everywhere within five seconds", tags: ["keys"], responds: { 204: "Ended" } }),
    requires("credentials:manage"),
    async (c) => {
      const found = await keyOf(c, accountOf);
      if (found === null) return refuseUnknown(c);
      await c.env.USER_SESSIONS.getByName(found.account.id).endKey(found.key.id, c.var.actor);
      return c.body(null, 204);
    },
  );

  return routes;
}

/** The key of the path with its account, null where the caller can see no such key. */
async function keyOf(
  c: KeyContext,
  accountOf: (c: KeyContext) => Promise<User | null>,
): Promise<{ account: User; key: ApiKey } | null> {
  const id = c.req.param("keyId") ?? "";
  const account = isId(id) ? await accountOf(c) : null;
  if (account === null) return null;
  const key = await c.env.USER_SESSIONS.getByName(account.id).key(id);
  return key === null ? null : { account, key };
}

/** `/api/keys`: one's own. */
export const ownKeyRoutes = keyRoutes((c) => new UsersRepo(c.env.DB).find(c.var.actor.userId));
