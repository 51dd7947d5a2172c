import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { describeRoute } from "hono-openapi";
import { isForKeys, PERMISSIONS, type Permission, type Role } from "../contracts/permissions.ts";
import type { AuthApi } from "../contracts/rpc.ts";
import { describeError } from "../log.ts";
import { type AccessClaims, bearerToken, permissionsIn, verifyAccessToken } from "./access-token.ts";
import { clientOrigin, type ServiceBindings } from "./context.ts";
import { refuse } from "./problem.ts";
import { type KeySources, keySource } from "./published-keys.ts";

/** Who is asking, as every use case receives it. */
export interface Actor {
  userId: string;
  sessionId: string;
  /** The API key that was used, null for a person's own session. */
  keyId: string | null;
  role: Role;
  /** What the role grants, and for an API key only what of it the key was made for. */
  permissions: ReadonlySet<Permission>;
  /** When what the caller has shown runs out, Unix milliseconds: what goes on and on ends then. */
  expiresAt: number;
  ip: string | null;
  userAgent: string | null;
  requestId: string;
}

/** What a Worker needs to know its callers. */
export interface IdentityBindings extends ServiceBindings, Pick<KeySources, "PUBLISHED_KEYS"> {
  AUTH: Pick<AuthApi, "jwks" | "sessionIsLive">;
}

const CHALLENGE = 'Bearer realm="halftone"';

/** Answers somebody who has shown no credential, or none that is good (RFC 6750 §3). */
export function refuseStranger(
  c: Context,
  detail: string,
  code: "unauthenticated" | "invalid_signature" = "unauthenticated",
): Response {
  return refuse(c, { code, detail }, { headers: { "WWW-Authenticate": CHALLENGE } });
}

/** RFC 6750 §3.1: the answer names the scope that was missing. */
export function refuseUnscoped(c: Context, permission: Permission): Response {
  const detail = `This needs the permission ${permission}: ${PERMISSIONS[permission]}.`;
  const challenge = `${CHALLENGE}, error="insufficient_scope", scope="${permission}"`;
  return refuse(c, { code: "forbidden", detail }, { headers: { "WWW-Authenticate": challenge } });
}

function actorOf(c: Context, claims: AccessClaims): Actor {
  const { sub: userId, sid: sessionId, role, key: keyId = null, exp, cred_exp = exp } = claims;
  return {
    userId,
    sessionId,
    keyId,
    role,
    permissions: permissionsIn(claims),
    expiresAt: cred_exp * 1_000,
    ...clientOrigin(c.req.raw),
    requestId: c.var.requestId,
  };
}

/** Where a token's word is not enough: a session that was ended a moment ago must not make itself a new way in. */
const ASKS_THE_SESSION: ReadonlySet<Permission> = new Set(["credentials:manage", "system:manage"]);

type Verdict = { actor: Actor } | { refusal: Response };

/** Finds the actor behind a token, who must have a permission. Auth being away is an outage, not the caller's fault. */
async function identify<Variables extends object>(
  c: Context<{ Bindings: IdentityBindings; Variables: Variables }>,
  token: string,
  permission: Permission,
): Promise<Verdict> {
  try {
    const claims = await verifyAccessToken(token, keySource(c.env));
    if (claims === null) return { refusal: refuseStranger(c, "The access token is not valid or has run out.") };
    const actor = actorOf(c, claims);
    if (!actor.permissions.has(permission)) return { refusal: refuseUnscoped(c, permission) };
    if (ASKS_THE_SESSION.has(permission) && !(await c.env.AUTH.sessionIsLive(actor.userId, actor.sessionId))) {
      return { refusal: refuseStranger(c, "This session has ended. Sign in again.") };
    }
    return { actor };
  } catch (error) {
    c.var.log.error("token not checked", { error: describeError(error) });
    const failure = { code: "service_unavailable", detail: "Tokens cannot be checked at the moment." } as const;
    return { refusal: refuse(c, failure, { headers: { "Retry-After": "5" } }) };
  }
}

/**
 * Makes the OpenAPI document say whom a middleware lets pass; strangers where `{}` is among the others. The library
 * finds a description as a property of the handler, so that of a describing middleware can be assigned to a checking one.
 */
function describeNeed<Handler extends object>(
  handler: Handler,
  permission: Permission,
  ...others: Record<string, string[]>[]
): Handler {
  const byPerson: Record<string, string[]>[] = [{ accessToken: [permission] }, { sessionCookie: [permission] }];
  const description = describeRoute({
    security: [...byPerson, ...(isForKeys(permission) ? [{ apiKey: [permission] }] : []), ...others],
    description: `Needs the permission \`${permission}\`: ${PERMISSIONS[permission]}.`,
  });
  return Object.assign(handler, description);
}

/**
 * Lets only those pass who have a permission, hands their `actor` to the route, and says so in the OpenAPI document.
 * No token or a bad one is 401 (C5); a good one without the permission is 403.
 */
export function requires(permission: Permission) {
  const check = createMiddleware<{ Bindings: IdentityBindings; Variables: { actor: Actor } }>(async (c, next) => {
    const token = bearerToken(c.req.raw);
    if (token === null) return refuseStranger(c, "Send an access token as Authorization: Bearer.");
    const verdict = await identify(c, token, permission);
    if ("refusal" in verdict) return verdict.refusal;
    c.set("actor", verdict.actor);
    return next();
  });
  return describeNeed(check, permission);
}

/** For routes open to strangers that know more for somebody with a permission. A bad token is refused, never ignored. */
export function welcomes(permission: Permission) {
  const check = createMiddleware<{ Bindings: IdentityBindings; Variables: { actor: Actor | null } }>(
    async (c, next) => {
      const token = bearerToken(c.req.raw);
      const verdict = token === null ? { actor: null } : await identify(c, token, permission);
      if ("refusal" in verdict) return verdict.refusal;
      c.set("actor", verdict.actor);
      return next();
    },
  );
  return describeNeed(check, permission, {});
}
