import { sealText, unsealText } from "../../../../shared/sealing.ts";

/** Changes when the derivation changes. */
const PURPOSE = "halftone webhook secrets v1";
/** https://www.standardwebhooks.com asks for 24 to 64 random bytes. */
const SECRET_BYTES = 32;
const PREFIX = "whsec_";

/** What secrets are sealed with, and what those were sealed with that have not been rotated since it changed. */
export interface SealSettings {
  WEBHOOK_SEAL_SECRET: string;
  WEBHOOK_SEAL_SECRET_PREVIOUS?: string | undefined;
}

/** A new secret, as its owner is shown it: `whsec_` and base64. */
export function newSecret(): string {
  return PREFIX + btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(SECRET_BYTES))));
}

/** Seals a secret for one webhook: a copy of the database signs nothing. */
export function sealSecret(settings: SealSettings, webhookId: string, secret: string): Promise<ArrayBuffer> {
  return sealText({ secret: settings.WEBHOOK_SEAL_SECRET, purpose: PURPOSE }, webhookId, secret);
}

/** The secret, or null when it was sealed under a secret that this deployment does not have any more. */
export async function openSecret(
  { WEBHOOK_SEAL_SECRET, WEBHOOK_SEAL_SECRET_PREVIOUS: previous }: SealSettings,
  webhookId: string,
  sealed: ArrayBuffer,
): Promise<string | null> {
  const opened = await unsealText({ secret: WEBHOOK_SEAL_SECRET, purpose: PURPOSE }, webhookId, sealed);
  if (opened !== null || previous === undefined) return opened;
  return unsealText({ secret: previous, purpose: PURPOSE }, webhookId, sealed);
}
