import type { Context } from "hono";
import type { Actor } from "../../../../shared/http/identity.ts";
import { type FieldError, refuse } from "../../../../shared/http/problem.ts";
import type { AnswerSeal } from "../../../../shared/idempotency/answer-once.ts";
import { sealAnswers } from "../../../../shared/idempotency/answer-seal.ts";
import { isId } from "../../../../shared/ids.ts";
import { describeError } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { Endpoint } from "../delivery/endpoint.do.ts";
import { EndpointsRepo } from "../endpoints/endpoints.repo.ts";
import { sealSecret } from "../endpoints/secrets.ts";
import type { TargetRules } from "../endpoints/target.ts";
import { type Env, readSettings } from "../env.ts";
import type { StoredEndpoint } from "../schema.ts";

type WebhookContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;
type EnvContext = Pick<Context<{ Bindings: Env }>, "env" | "executionCtx">;

/** The endpoint of the path, null where the caller has none such. */
export async function ownEndpoint(c: WebhookContext): Promise<StoredEndpoint | null> {
  const id = c.req.param("id") ?? "";
  const endpoint = isId(id) ? await new EndpointsRepo(c.env.DB).find(id) : null;
  return endpoint?.userId === c.var.actor.userId ? endpoint : null;
}

export function commitOf(c: EnvContext) {
  return committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
}

export function sealOf(c: Pick<EnvContext, "env">) {
  return (endpointId: string, secret: string) => sealSecret(readSettings(c.env), endpointId, secret);
}

/** Kept answers hold secrets, which the database may only hold sealed. */
export function sealOfAnswers(c: Pick<EnvContext, "env">): AnswerSeal {
  const { WEBHOOK_SEAL_SECRET, WEBHOOK_SEAL_SECRET_PREVIOUS } = readSettings(c.env);
  return sealAnswers(WEBHOOK_SEAL_SECRET, WEBHOOK_SEAL_SECRET_PREVIOUS);
}

/** What an endpoint's address may be, for somebody who came under this address of the product. */
export function targetRules(c: WebhookContext): TargetRules {
  const { PUBLIC_ORIGIN, WEBHOOK_ALLOW_LOCAL } = readSettings(c.env);
  const own = PUBLIC_ORIGIN === null ? [] : [new URL(PUBLIC_ORIGIN).host];
  return { allowLocal: WEBHOOK_ALLOW_LOCAL, ownHosts: [...own, new URL(c.req.url).host] };
}

export function objectOf(c: Pick<EnvContext, "env">, endpointId: string) {
  return c.env.ENDPOINTS.getByName(endpointId);
}

/** Says something to an endpoint's object, which would find it out by itself as well, only later. */
export async function tell(
  c: WebhookContext,
  endpointId: string,
  say: (object: DurableObjectStub<Endpoint>) => Promise<unknown>,
): Promise<void> {
  try {
    await say(objectOf(c, endpointId));
  } catch (error) {
    c.var.log.warn("endpoint not told", { endpoint: endpointId, error: describeError(error) });
  }
}

export function refuseErrors(c: WebhookContext, errors: FieldError[]): Response {
  return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
}
