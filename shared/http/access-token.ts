import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import * as z from "zod";
import { type Permission, permissionsOf, ROLES } from "../contracts/permissions.ts";
import type { AuthApi } from "../contracts/rpc.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** Issuer and audience of every access token: one deployment is one issuer and its own audience. */
export const TOKEN_ISSUER = "halftone";
export const TOKEN_AUDIENCE = "halftone";
/** RFC 9068 §2.1: access tokens say what they are, so that no other token passes for one. */
export const ACCESS_TOKEN_TYPE = "at+jwt";
const CLOCK_TOLERANCE_SECONDS = 5;
/** A key that was taken back is noticed after at most this long. */
const JWKS_FRESH_MS = 300_000;
/** While auth is away the other services go on with the keys they know, but not with ones older than this. */
export const JWKS_USABLE_MS = 3_600_000;
/** An unknown key id asks auth again, but no more often than this: a stranger must not be able to drive the calls. */
const JWKS_RETRY_MS = 10_000;

const AccessClaims = z.object({
  sub: z.string(),
  sid: z.string(),
  role: z.enum(ROLES),
  /** Unix seconds. */
  exp: z.number(),
  /** Unix seconds: when the cookie or the key runs out that the token stands for. Without it the token is all there is. */
  cred_exp: z.number().optional(),
  /** The API key behind the token, and its scopes (RFC 9068 §2.2.3). A key without scopes may do nothing. */
  key: z.string().optional(),
  scope: z.string().optional(),
});
export type AccessClaims = z.output<typeof AccessClaims>;

interface HeldKeys {
  set: JSONWebKeySet;
  fetchedAt: number;
  /** When auth did not answer last; 0 when it did. */
  failedAt: number;
}

/** The key set of this isolate. A value, never a shared promise: no request waits for another's call. */
let keys: HeldKeys | null = null;

/** The published keys. Throws when auth is away and those that are known are too old. */
async function currentKeys(auth: Pick<AuthApi, "jwks">, maxAgeMs: number): Promise<JSONWebKeySet> {
  const held = keys;
  const age = Date.now() - (held?.fetchedAt ?? 0);
  const authIsAway = Date.now() - (held?.failedAt ?? 0) < JWKS_RETRY_MS;
  if (held !== null && (age < maxAgeMs || (authIsAway && age < JWKS_USABLE_MS))) return held.set;
  try {
    const set = await auth.jwks();
    keys = { set, fetchedAt: Date.now(), failedAt: 0 };
    return set;
  } catch (error) {
    if (held === null || age >= JWKS_USABLE_MS) throw error;
    held.failedAt = Date.now();
    return held.set;
  }
}

/**
 * JSON Web Signatures are malleable in their last base64url character. Only the canonical spelling is taken, so that
 * one token has one form.
 */
function isCanonical(token: string): boolean {
  return token.split(".").every((part) => {
    const standard = part.replaceAll("-", "+").replaceAll("_", "/");
    try {
      return btoa(atob(standard)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") === part;
    } catch {
      return false;
    }
  });
}

interface Reader {
  /** Remembers the keys that it has imported, which costs as much as using them. */
  keyOf: ReturnType<typeof createLocalJWKSet>;
  verified: VerifiedTokens<AccessClaims>;
}

/** What a key set is read by. A newer set begins with nothing, so a key that was taken back opens nothing any more. */
const readers = new WeakMap<JSONWebKeySet, Reader>();

function readerOf(set: JSONWebKeySet): Reader {
  const reader = readers.get(set) ?? { keyOf: createLocalJWKSet(set), verified: new VerifiedTokens() };
  readers.set(set, reader);
  return reader;
}

/** Whether this isolate has found this very text to be a good token, and so spelled as it must be. */
function wasVerified(token: string): boolean {
  return keys !== null && readerOf(keys.set).verified.find(token) !== undefined;
}

/** The claims of a token that this isolate has verified by the same keys before, unless it has run out since. */
function rememberedClaims(token: string, { verified }: Reader): AccessClaims | null {
  const claims = verified.find(token);
  if (claims === undefined) return null;
  if (claims.exp > Math.floor(Date.now() / 1_000) - CLOCK_TOLERANCE_SECONDS) return claims;
  verified.forget(token);
  return null;
}

async function verifyWith(token: string, set: JSONWebKeySet): Promise<AccessClaims> {
  const reader = readerOf(set);
  const { payload } = await jwtVerify(token, reader.keyOf, {
    algorithms: ["EdDSA"],
    typ: ACCESS_TOKEN_TYPE,
    issuer: TOKEN_ISSUER,
    audience: TOKEN_AUDIENCE,
    requiredClaims: ["sub", "sid", "jti", "iat", "exp"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  const claims = AccessClaims.parse(payload);
  reader.verified.remember(token, claims);
  return claims;
}

/**
 * Verifies an access token (RFC 9068) against auth's published keys.
 * @returns its claims, or null for any token that is not good. Throws only when auth cannot be asked.
 */
export async function verifyAccessToken(token: string, auth: Pick<AuthApi, "jwks">): Promise<AccessClaims | null> {
  // What no key can make good needs none to be refused: it is no outage's fault, and does not ask auth for anything.
  if (!wasVerified(token) && !isCanonical(token)) return null;
  const set = await currentKeys(auth, JWKS_FRESH_MS);
  const remembered = rememberedClaims(token, readerOf(set));
  if (remembered !== null) return remembered;
  try {
    return await verifyWith(token, set);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) return null;
  }
  const newer = await currentKeys(auth, JWKS_RETRY_MS);
  try {
    return await verifyWith(token, newer);
  } catch {
    return null;
  }
}

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1). */
export function bearerToken(request: Request): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1] ?? null;
}

/** What the bearer of a token may do. */
export function permissionsIn({ role, key, scope }: AccessClaims): ReadonlySet<Permission> {
  return permissionsOf(role, scope ?? (key === undefined ? null : ""));
}
