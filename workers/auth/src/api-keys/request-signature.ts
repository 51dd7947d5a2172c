import { isSignatureError, verifySignature, webcrypto } from "http-message-sig";
import type { CredentialUse } from "../../../../shared/contracts/rpc.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";

/** A signed request may be this old when it arrives, in seconds. */
export const SIGNATURE_WINDOW_SECONDS = 300;
/** A caller's clock may go ahead of ours, or behind, by this much. */
const CLOCK_SKEW_SECONDS = 30;

/** What every signature covers: nothing of what a request does may be changed. A body is covered by its digest. */
const COVERED = ["@method", "@path", "@query"];
const DIGEST = "content-digest";
const NONCE = /^[\x21-\x7e]{16,128}$/;

/** RFC 9421 §2.1: a field value is ASCII. What else a header holds cannot be signed, and need not keep others from it. */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

/** The nonce of a good signature, and until when (Unix milliseconds) it must be remembered. */
interface SignedNonce {
  nonce: string;
  until: number;
}

/** Reads an Ed25519 public key in PEM (RFC 8410) as base64 SPKI; null for anything else. */
export async function readPublicKey(pem: string): Promise<string | null> {
  const [, body = ""] = /^\s*-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]+)-----END PUBLIC KEY-----\s*$/.exec(pem) ?? [];
  const spki = body.replaceAll(/\s/g, "");
  try {
    await importPublicKey(spki);
    return spki;
  } catch {
    return null;
  }
}

function importPublicKey(spki: string): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(spki), (character) => character.charCodeAt(0));
  return crypto.subtle.importKey("spki", bytes, { name: "Ed25519" }, false, ["verify"]);
}

/**
 * Verifies the signature of a request (RFC 9421) under a key's public half: over method, path, query and, where there
 * is a Content-Digest (RFC 9530), that; made for this key, at most five minutes ago. Whether the nonce is new only the
 * key's own object can say.
 */
export async function verifyRequestSignature(
  key: { id: string; publicKey: string },
  { method, url, headers }: CredentialUse,
  now = Date.now(),
): Promise<Result<SignedNonce, "invalid_signature">> {
  const fields = headers.map(([name, value]) => ({ name, value })).filter(({ value }) => FIELD_VALUE.test(value));
  const hasDigest = headers.some(([name]) => name.toLowerCase() === DIGEST);
  const verifier = webcrypto.verifier(await importPublicKey(key.publicKey));
  const policy = {
    algorithms: [verifier.algorithm],
    requiredComponents: hasDigest ? [...COVERED, DIGEST] : COVERED,
    requiredParameters: ["created", "nonce", "keyid"],
    maxAge: SIGNATURE_WINDOW_SECONDS,
    clockSkew: CLOCK_SKEW_SECONDS,
    now: Math.floor(now / 1_000),
  };
  try {
    const request = { kind: "request", method, targetUri: url, fields } as const;
    const { parameters } = await verifySignature(request, { policy, resolveVerifier: () => verifier });
    const { created = 0, nonce = "", keyid } = parameters;
    if (keyid !== key.id) return fail("invalid_signature", "The signature's keyid is not the id of this key.");
    if (!NONCE.test(nonce))
      return fail("invalid_signature", "The signature's nonce needs 16 to 128 visible characters.");
    const rememberedSeconds = created + SIGNATURE_WINDOW_SECONDS + CLOCK_SKEW_SECONDS + 1;
    return ok({ nonce, until: rememberedSeconds * 1_000 });
  } catch (error) {
    if (!isSignatureError(error)) throw error;
    return fail("invalid_signature", `This key demands signed requests (RFC 9421): ${error.message}.`);
  }
}
