import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import * as z from "zod";
import type { AuthApi } from "../contracts/rpc.ts";
import { describeError } from "../log.ts";
import { clientOrigin, type ServiceBindings } from "./context.ts";
import { refuse } from "./problem.ts";

/** Who is asking, as every use case receives it. */
export interface Actor {
  userId: string;
  sessionId: string;
  /** The API key that was used, null for a person's own session. */
  keyId: string | null;
  role: "user" | "admin";
  ip: string | null;
  userAgent: string | null;
  requestId: string;
}

/** Issuer and audience of every access token: one deployment is one issuer and its own audience. */
export const TOKEN_ISSUER = "halftone";
export const TOKEN_AUDIENCE = "halftone";
/** RFC 9068 §2.1: access tokens say what they are, so that no other token passes for one. */
export const ACCESS_TOKEN_TYPE = "at+jwt";
const CLOCK_TOLERANCE_SECONDS = 5;
/** A revoked or retired key is noticed after at most this long. */
const JWKS_FRESH_MS = 3_600_000;
/** An unknown key id asks auth again, but no more often than this: a stranger must not be able to drive the calls. */
const JWKS_RETRY_MS = 10_000;

const AccessClaims = z.object({
  sub: z.string(),
  sid: z.string(),
  role: z.enum(["user", "admin"]),
  key: z.string().optional(),
});

/** What a Worker needs to know its callers. */
export interface IdentityBindings extends ServiceBindings {
  AUTH: Pick<AuthApi, "jwks">;
}

/** The key set of this isolate. A value, never a shared promise: no request waits for another's call. */
let keys: { set: JSONWebKeySet; fetchedAt: number } | null = null;

async function currentKeys(auth: Pick<AuthApi, "jwks">, maxAgeMs: number): Promise<JSONWebKeySet> {
  if (keys !== null && Date.now() - keys.fetchedAt < maxAgeMs) return keys.set;
  const set = await auth.jwks();
  keys = { set, fetchedAt: Date.now() };
  return set;
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

async function verifyWith(token: string, set: JSONWebKeySet) {
  const { payload } = await jwtVerify(token, createLocalJWKSet(set), {
    algorithms: ["EdDSA"],
    typ: ACCESS_TOKEN_TYPE,
    issuer: TOKEN_ISSUER,
    audience: TOKEN_AUDIENCE,
    requiredClaims: ["sub", "sid", "jti", "iat", "exp"],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  return AccessClaims.parse(payload);
}

/**
 * Verifies an access token (RFC 9068) against auth's published keys.
 * @returns its claims, or null for any token that is not good. Throws only when auth cannot be asked.
 */
export async function verifyAccessToken(token: string, auth: Pick<AuthApi, "jwks">) {
  if (!isCanonical(token)) return null;
  const set = await currentKeys(auth, JWKS_FRESH_MS);
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

function refuseStranger(c: Context, detail: string): Response {
  const failure = { code: "unauthenticated", detail } as const;
  return refuse(c, failure, { headers: { "WWW-Authenticate": 'Bearer realm="halftone"' } });
}

type Verdict = { actor: Actor } | { refusal: Response };

/** Finds the actor behind a token. Auth being away is an outage, not the caller's fault. */
async function identify<Variables extends object>(
  c: Context<{ Bindings: IdentityBindings; Variables: Variables }>,
  token: string,
): Promise<Verdict> {
  try {
    const claims = await verifyAccessToken(token, c.env.AUTH);
    if (claims === null) return { refusal: refuseStranger(c, "The access token is not valid or has run out.") };
    const { sub: userId, sid: sessionId, role, key: keyId = null } = claims;
    return { actor: { userId, sessionId, keyId, role, ...clientOrigin(c.req.raw), requestId: c.var.requestId } };
  } catch (error) {
    c.var.log.error("token not checked", { error: describeError(error) });
    const failure = { code: "service_unavailable", detail: "Tokens cannot be checked at the moment." } as const;
    return { refusal: refuse(c, failure, { headers: { "Retry-After": "5" } }) };
  }
}

/** Lets only the signed in pass and hands their `actor` to the route. An invalid or expired token is 401 (C5). */
export const requireActor = createMiddleware<{ Bindings: IdentityBindings; Variables: { actor: Actor } }>(
  async (c, next) => {
    const token = bearerToken(c.req.raw);
    if (token === null) return refuseStranger(c, "Send an access token as Authorization: Bearer.");
    const verdict = await identify(c, token);
    if ("refusal" in verdict) return verdict.refusal;
    c.set("actor", verdict.actor);
    return next();
  },
);

/** For routes open to strangers that know more for their owner. A bad token is still refused, never ignored. */
export const optionalActor = createMiddleware<{ Bindings: IdentityBindings; Variables: { actor: Actor | null } }>(
  async (c, next) => {
    const token = bearerToken(c.req.raw);
    const verdict = token === null ? { actor: null } : await identify(c, token);
    if ("refusal" in verdict) return verdict.refusal;
    c.set("actor", verdict.actor);
    return next();
  },
);
