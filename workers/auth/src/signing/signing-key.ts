import type { SealedKey } from "./keyring.do.ts";
import { unseal } from "./sealing.ts";

/** A key that may sign access tokens, as this isolate holds it: opened, not extractable. */
export interface SigningKey {
  kid: string;
  key: CryptoKey;
}

/** An isolate signs with a retired key at most this long. */
export const SIGNER_FRESH_MS = 60_000;

/** The key itself, never a shared promise: no request waits for another's call. */
let held: { signingKey: SigningKey; fetchedAt: number } | null = null;

/** Opens a key of the keyring. Throws when it was sealed under another secret, which only a deployment can bring. */
export async function openSigningKey({ kid, sealedJwk }: SealedKey, secret: string): Promise<SigningKey> {
  const jwk = await unseal(secret, kid, sealedJwk);
  if (jwk === null) throw new Error("the signing key was sealed under another JWT_SECRET");
  const key = await crypto.subtle.importKey("jwk", JSON.parse(jwk), { name: "Ed25519" }, false, ["sign"]);
  return { kid, key };
}

/** The key that signs now, asked of the keyring once a minute. */
export async function currentSigningKey(
  keyring: { current(): Promise<SealedKey> },
  secret: string,
): Promise<SigningKey> {
  if (held !== null && Date.now() - held.fetchedAt < SIGNER_FRESH_MS) return held.signingKey;
  const signingKey = await openSigningKey(await keyring.current(), secret);
  held = { signingKey, fetchedAt: Date.now() };
  return signingKey;
}
