import type { Context } from "hono";
import type { Actor } from "../../../../shared/http/identity.ts";
import { type FieldError, refuse } from "../../../../shared/http/problem.ts";
import type { AnswerSeal } from "../../../../shared/idempotency/answer-once.ts";
import { sealAnswers } from "../../../../shared/idempotency/answer-seal.ts";
import { isId } from "../../../../shared/ids.ts";
import { describeError } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { WebhookQueue } from "../delivery/webhook-queue.do.ts";
import { type Env, readSettings } from "../env.ts";
import type { StoredWebhook } from "../schema.ts";
import { sealSecret } from "../webhooks/secrets.ts";
import type { TargetRules } from "../webhooks/target.ts";
import { WebhooksRepo } from "../webhooks/webhooks.repo.ts";

type WebhookContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;
type EnvContext = Pick<Context<{ Bindings: Env }>, "env" | "executionCtx">;

/** The webhook of the path, null where the caller has none such. */
export async function ownWebhook(c: WebhookContext): Promise<StoredWebhook | null> {
  const id = c.req.param("id") ?? "";
  const webhook = isId(id) ? await new WebhooksRepo(c.env.DB).find(id) : null;
  return webhook?.userId === c.var.actor.userId ? webhook : null;
}

export function commitOf(c: EnvContext) {
  return committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx);
}

export function sealOf(c: Pick<EnvContext, "env">) {
  return (webhookId: string, secret: string) => sealSecret(readSettings(c.env), webhookId, secret);
}

/** Kept answers hold secrets, which the database may only hold sealed. */
export function sealOfAnswers(c: Pick<EnvContext, "env">): AnswerSeal {
  const { WEBHOOK_SEAL_SECRET, WEBHOOK_SEAL_SECRET_PREVIOUS } = readSettings(c.env);
  return sealAnswers(WEBHOOK_SEAL_SECRET, WEBHOOK_SEAL_SECRET_PREVIOUS);
}

/** What a webhook's address may be, for somebody who came under this address of the product. */
export function targetRules(c: WebhookContext): TargetRules {
  const { PUBLIC_ORIGIN, WEBHOOK_ALLOW_LOCAL } = readSettings(c.env);
  const own = PUBLIC_ORIGIN === null ? [] : [new URL(PUBLIC_ORIGIN).host];
  return { allowLocal: WEBHOOK_ALLOW_LOCAL, ownHosts: [...own, new URL(c.req.url).host] };
}

export function queueOf(c: Pick<EnvContext, "env">, webhookId: string) {
  return c.env.WEBHOOK_QUEUES.getByName(webhookId);
}

/** Says something to a webhook's queue, which would find it out by itself as well, only later. */
export async function tell(
  c: WebhookContext,
  webhookId: string,
  say: (queue: DurableObjectStub<WebhookQueue>) => Promise<unknown>,
): Promise<void> {
  try {
    await say(queueOf(c, webhookId));
  } catch (error) {
    c.var.log.warn("webhook not told", { webhook: webhookId, error: describeError(error) });
  }
}

export function refuseErrors(c: WebhookContext, errors: FieldError[]): Response {
  return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
}
