import { base64urlOf, mac, UUID } from "../signing/tokens.ts";

/** What a caller may hold beside tokens: a browser's session cookie, or an API key. */
export type CredentialKind = "cookie" | "key";

export interface Credential {
  kind: CredentialKind;
  userId: string;
  /** The session, or the key, that the credential opens. */
  sessionId: string;
  /** 32 random bytes as base64url. Its holder alone keeps it; we keep a hash. */
  secret: string;
}

const SECRET_BYTES = 32;
/** 32 bytes are 43 characters of base64url. */
const CREDENTIAL = new RegExp(`^(cookie|key)\\.v1\\.(${UUID})\\.(${UUID})\\.([\\w-]{43})$`);

export function newSecret(): string {
  return base64urlOf(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/** Writes `<kind>.v1.<userId>.<sessionId>.<secret>`: the ids say which object to ask, the secret proves the right to. */
export function writeCredential(kind: CredentialKind, userId: string, sessionId: string, secret: string): string {
  return `${kind}.v1.${userId}.${sessionId}.${secret}`;
}

/** Takes a credential apart; null for anything that has another form. Whether it opens anything is not known here. */
export function readCredential(text: string): Credential | null {
  const [, kind, userId, sessionId, secret] = CREDENTIAL.exec(text) ?? [];
  if (!kind || !userId || !sessionId || !secret) return null;
  return { kind: kind === "cookie" ? "cookie" : "key", userId, sessionId, secret };
}

/** The hash of a cookie's secret, keyed, so that changing `JWT_REFRESH_SECRET` ends cookies as it ends refresh tokens. */
export async function hashCookieSecret(refreshSecret: string, secret: string): Promise<string> {
  return mac(refreshSecret, `cookie.v1.${secret}`);
}

/** The hash of an API key's secret. A plain one is enough for 32 random bytes, and keys outlive changes of our secrets. */
export async function hashKeySecret(secret: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return base64urlOf(new Uint8Array(hash));
}
