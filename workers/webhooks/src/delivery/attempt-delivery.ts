import type { FailureReason } from "../../../../shared/contracts/webhooks.ts";
import type { StoredWebhook } from "../schema.ts";
import { openSecret, type SealSettings } from "../webhooks/secrets.ts";
import { checkTarget } from "../webhooks/target.ts";
import type { Delivery } from "./deliveries.repo.ts";
import { type Outcome, send } from "./send.ts";
import { signedHeaders } from "./sign.ts";

interface AttemptSettings extends SealSettings {
  WEBHOOK_ALLOW_LOCAL: boolean;
  WEBHOOK_TIMEOUT_MS: number;
  PUBLIC_ORIGIN: string | null;
}

const HEADERS = { "Content-Type": "application/json", "User-Agent": "Halftone-Webhooks/1" };

/** Makes one attempt at a delivery: looks whether its address may be called, signs it and sends it. */
export async function attemptDelivery(
  settings: AttemptSettings,
  webhook: StoredWebhook,
  { id, body }: Pick<Delivery, "id" | "body">,
): Promise<Outcome> {
  const startedAt = Date.now();
  const target = checkTarget(webhook.url, {
    allowLocal: settings.WEBHOOK_ALLOW_LOCAL,
    ownHosts: settings.PUBLIC_ORIGIN === null ? [] : [new URL(settings.PUBLIC_ORIGIN).host],
  });
  if (!target.ok) return notSent(startedAt, "address_refused");
  const secrets = await signingSecrets(settings, webhook, startedAt);
  if (secrets === null) return notSent(startedAt, "secret_unreadable");
  const headers = { ...HEADERS, ...signedHeaders(secrets, id, startedAt, body) };
  return send({ url: webhook.url, headers, body }, settings.WEBHOOK_TIMEOUT_MS);
}

function notSent(startedAt: number, reason: FailureReason): Outcome {
  return { startedAt, durationMs: 0, answer: null, reason };
}

/** The secrets that sign now, newest first; null where the newest does not open. */
async function signingSecrets(
  settings: SealSettings,
  { id, secret, previousSecret, previousUntil }: StoredWebhook,
  now: number,
): Promise<string[] | null> {
  const newest = await openSecret(settings, id, secret);
  if (newest === null) return null;
  if (previousSecret === null || (previousUntil ?? 0) <= now) return [newest];
  const before = await openSecret(settings, id, previousSecret);
  return before === null ? [newest] : [newest, before];
}
