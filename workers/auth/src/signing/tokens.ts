import { base64url, SignJWT } from "jose";
import type { Permission, Role } from "../../../../shared/contracts/permissions.ts";
import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../../../shared/http/access-token.ts";
import { newId } from "../../../../shared/ids.ts";
import type { SigningKey } from "./signing-key.ts";

/** Whom an access token speaks for. */
export interface TokenSubject {
  userId: string;
  sessionId: string;
  role: Role;
  /** What the API key that is the session may do; absent where a person signed in. */
  scopes?: readonly Permission[];
  /** When the cookie or key runs out that the token stands for, Unix milliseconds; absent where it stands for itself. */
  credentialExpiresAt?: number;
}

/** One generation of a session's refresh token. */
export interface RefreshClaim {
  userId: string;
  sessionId: string;
  /** Counts the rotations, from 1. */
  counter: number;
}

/** The form of an id, for the patterns of credentials. */
export const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** 32 bytes of MAC are 43 characters of base64url. A counter beyond nine digits was never given out. */
const REFRESH_TOKEN = new RegExp(`^(refresh\\.v1\\.(${UUID})\\.(${UUID})\\.([1-9]\\d{0,8}))-([\\w-]{43})$`);

const encoder = new TextEncoder();
const secondsOf = (ms: number) => Math.floor(ms / 1_000);

/**
 * Signs an access token (RFC 9068).
 * @param lifetimeMs milliseconds until it runs out; the older clients' day-long `token` differs in nothing else (C4)
 */
export async function signAccessToken(
  { kid, key }: SigningKey,
  { userId, sessionId, role, scopes, credentialExpiresAt }: TokenSubject,
  lifetimeMs: number,
  now = Date.now(),
): Promise<string> {
  const keyClaims = scopes === undefined ? {} : { key: sessionId, scope: scopes.join(" ") };
  const endClaims = credentialExpiresAt === undefined ? {} : { cred_exp: secondsOf(credentialExpiresAt) };
  return new SignJWT({ sid: sessionId, role, ...keyClaims, ...endClaims })
    .setProtectedHeader({ alg: "EdDSA", typ: ACCESS_TOKEN_TYPE, kid })
    .setSubject(userId)
    .setJti(newId(now))
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt(secondsOf(now))
    .setExpirationTime(secondsOf(now + lifetimeMs))
    .sign(key);
}

export function base64urlOf(bytes: Uint8Array): string {
  return base64url.encode(bytes);
}

/** HMAC-SHA-256 as base64url. Every use begins its text with a purpose of its own. */
export async function mac(secret: string, text: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  return base64urlOf(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
}

/** Writes `refresh.v1.<userId>.<sessionId>.<counter>-<MAC>`: nothing is stored per token, the session holds the counter. */
export async function writeRefreshToken(secret: string, claim: RefreshClaim): Promise<string> {
  const text = `refresh.v1.${claim.userId}.${claim.sessionId}.${claim.counter}`;
  return `${text}-${await mac(secret, text)}`;
}

/**
 * Reads a refresh token that this service wrote; null for anything else.
 * The MAC is compared in its spelling, so one token has one form, and in constant time.
 */
export async function readRefreshToken(secret: string, token: string): Promise<RefreshClaim | null> {
  const [, text, userId, sessionId, counter, given] = REFRESH_TOKEN.exec(token) ?? [];
  if (!text || !userId || !sessionId || !counter || !given) return null;
  const expected = await mac(secret, text);
  if (!crypto.subtle.timingSafeEqual(encoder.encode(expected), encoder.encode(given))) return null;
  return { userId, sessionId, counter: Number(counter) };
}

/**
 * A keyed hash by which the log can tell that two attempts used one login name, without holding the name. The key
 * keeps anybody who reads the log from guessing addresses.
 */
export async function fingerprint(secret: string, text: string): Promise<string> {
  return mac(secret, `fingerprint.v1.${text.toLowerCase()}`);
}
