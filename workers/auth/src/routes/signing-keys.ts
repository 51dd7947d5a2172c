import { Hono } from "hono";
import * as z from "zod";
import { SYSTEM_ACCOUNT } from "../../../../shared/contracts/events.ts";
import { NoFields } from "../../../../shared/contracts/sessions.ts";
import { SigningKeyView } from "../../../../shared/contracts/signing-keys.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { optionalJsonBody } from "../../../../shared/http/validate.ts";
import { newId } from "../../../../shared/ids.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import type { RouteEnv } from "../env.ts";
import { KEYRING_NAME } from "../signing/keyring.do.ts";

/** The keys that sign access tokens, for those who look after the deployment. Private halves are never shown. */
export const signingKeyRoutes = new Hono<{ Bindings: RouteEnv }>();

signingKeyRoutes.get(
  "/",
  describe({ summary: "List the signing keys", tags: ["admin"], responds: { 200: z.array(SigningKeyView) } }),
  requires("system:manage"),
  async (c) => c.json(await listKeys(c.env)),
);

signingKeyRoutes.post(
  "/",
  describe({
    summary: "Rotate: publish the next signing key, which takes over an hour later",
    tags: ["admin"],
    responds: { 202: z.array(SigningKeyView) },
  }),
  requires("system:manage"),
  optionalJsonBody(NoFields),
  async (c) => {
    const resource = newId();
    const event = newEvent(c.var.actor, {
      type: "signing_key.rotated",
      account: SYSTEM_ACCOUNT,
      resource,
      sequence: 1,
    });
    // The keyring has no outbox. Written first, so that no rotation is without its event; one too many is accepted.
    const commit = committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
    await commit(() => new UsersRepo(c.env.DB).note(event));
    await c.env.KEYRING.getByName(KEYRING_NAME).rotate();
    return c.json(await listKeys(c.env), 202);
  },
);

async function listKeys(env: RouteEnv): Promise<SigningKeyView[]> {
  const keys = await env.KEYRING.getByName(KEYRING_NAME).list();
  return keys.map(({ kid, state, since }) => ({ kid, state, since: new Date(since).toISOString() }));
}
