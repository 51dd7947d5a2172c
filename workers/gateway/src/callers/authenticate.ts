import type { Context } from "hono";
import type { ExchangedCredential } from "../../../../shared/contracts/rpc.ts";
import { bearerToken, verifyAccessToken } from "../../../../shared/http/access-token.ts";
import { refuseStranger } from "../../../../shared/http/identity.ts";
import { pageOriginOf } from "../../../../shared/http/page-origin.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { keySource } from "../../../../shared/http/published-keys.ts";
import { readSessionCookie } from "../../../../shared/http/session-cookie.ts";
import { describeError } from "../../../../shared/log.ts";
import { type Failure, fail, ok, type Result } from "../../../../shared/result.ts";
import { type Env, readSettings } from "../env.ts";
import { limitRate, refuseBlocked } from "../limits/rate-limit.ts";
import { isSignedLink, type Route } from "../routes.ts";
import { askAuth } from "./ask-auth.ts";
import { ENDED_SESSIONS_NAME } from "./ended-sessions.do.ts";
import { exchangeCredential, exchangedBefore } from "./exchange.ts";
import type { Identity } from "./identity.ts";
import { isRevoked, type ListSources } from "./revocations.ts";

type GatewayContext = Context<{ Bindings: Env }>;

/** Who is asking, null for a stranger; or the answer to a credential that is bad. */
export type Authentication = { identity: Identity | null; cookieIsDead: boolean } | { refusal: Response };

/** What a request shows: a token as it is, or something that auth trades for one. */
interface Presented {
  carrier: "token" | "key" | "cookie";
  text: string;
}

/** What a route says about those whose credential is bad or cannot be checked. */
type DoorPolicy = Pick<Route, "givesCredentials" | "open" | "takesLinks">;

type BadCredential = "unauthenticated" | "invalid_credential" | "invalid_signature";

const STRANGER = { identity: null, cookieIsDead: false };

/**
 * Finds out who is asking. Nobody is no failure: open routes take strangers. A bad credential is 401 on every route
 * (C5), with three exceptions. Whoever comes for new credentials is not held up by the old ones. A signed link opens
 * for anybody, so nobody is looked up. And a browser sends a dead cookie without being asked, so that one is cleared and
 * its bearer is a stranger, whom the service refuses where it must.
 */
export async function authenticate(c: GatewayContext, route: DoorPolicy): Promise<Authentication> {
  const presented = isSignedLink(route, c.req.raw) ? null : findCredential(c);
  if (presented === null) return STRANGER;
  const verdict = await judge(c, route, presented);
  return "refusal" in verdict && route.givesCredentials ? STRANGER : verdict;
}

/** The first of what a request shows. Several credentials at once are the client's confusion: one of them counts. */
function findCredential(c: GatewayContext): Presented | null {
  const bearer = bearerToken(c.req.raw);
  if (bearer !== null) return { carrier: bearer.startsWith("key.") ? "key" : "token", text: bearer };
  const key = c.req.raw.headers.get("X-API-Key");
  if (key !== null) return { carrier: "key", text: key };
  const cookie = readSessionCookie(c);
  return cookie === null ? null : { carrier: "cookie", text: cookie };
}

async function judge(c: GatewayContext, route: DoorPolicy, presented: Presented): Promise<Authentication> {
  if (presented.carrier === "cookie" && !isOwnPage(c)) return { refusal: refuseForeignPage(c) };
  try {
    const found = presented.carrier === "token" ? await readToken(c, presented.text) : await exchange(c, presented);
    if ("refusal" in found) return found;
    if (found.ok && (await isAlive(c, found.value))) return { identity: found.value, cookieIsDead: false };
    if (presented.carrier === "cookie") return { identity: null, cookieIsDead: true };
    return {
      refusal: found.ok ? refuseStranger(c, "This session has ended. Sign in again.") : refuseBad(c, found.failure),
    };
  } catch (error) {
    c.var.log.error("credential not checked", { error: describeError(error) });
    if (route.open) return STRANGER;
    const failure = { code: "service_unavailable", detail: "Credentials cannot be checked at the moment." } as const;
    return { refusal: refuse(c, failure, { headers: { "Retry-After": "5" } }) };
  }
}

/** Who holds a good key may know that it was the signature; who holds nothing learns nothing. */
function refuseBad(c: GatewayContext, { code, detail }: Failure<BadCredential>): Response {
  return refuseStranger(c, detail, code === "invalid_signature" ? code : "unauthenticated");
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request with a cookie comes from our own page, as far as it could do harm. */
function isOwnPage(c: GatewayContext): boolean {
  return SAFE_METHODS.has(c.req.method) || pageOriginOf(c.req.raw) === "own";
}

function refuseForeignPage(c: GatewayContext): Response {
  const detail = "A request with the session cookie must come from this site's own page, and say so by its Origin.";
  return refuse(c, { code: "cross_site_request", detail });
}

async function readToken(c: GatewayContext, token: string): Promise<Result<Identity, BadCredential>> {
  const claims = await verifyAccessToken(token, keysOf(c.env));
  if (claims === null) return fail("unauthenticated", "The access token is not valid or has run out.");
  const { sub: userId, sid: sessionId, key: keyId = null, exp } = claims;
  return ok({ userId, sessionId, keyId, accessToken: token, expiresAt: exp * 1_000, everyRequest: false });
}

/** What does not open anything counts against its address, whose next guesses then cost auth no call. */
async function exchange(
  c: GatewayContext,
  { carrier, text }: Presented,
): Promise<Result<Identity, BadCredential> | { refusal: Response }> {
  if (!text.startsWith(`${carrier}.`)) return fail("unauthenticated", `This is not a ${carrier} of ours.`);
  // A key is its own session.
  const identify = (credential: ExchangedCredential): Identity => ({
    ...credential,
    keyId: carrier === "key" ? credential.sessionId : null,
    expiresAt: credential.expiresAt ?? null,
  });
  const known = await exchangedBefore(text);
  if (known !== null) return ok(identify(known));
  const blocked = refuseBlocked(c, "credential");
  if (blocked !== null) return { refusal: blocked };
  const exchanged = await exchangeCredential(c, text);
  if (exchanged.ok) return ok(identify(exchanged.value));
  const limited = await limitRate(c, "credential", null);
  return limited === null ? exchanged : { refusal: limited };
}

function keysOf(env: Env) {
  return keySource({ AUTH: askAuth(env), PUBLISHED_KEYS: env.PUBLISHED_KEYS });
}

/** Whether the session behind a credential has not been ended. Throws when that cannot be found out. */
export async function isAlive(c: GatewayContext, { userId, sessionId }: Identity): Promise<boolean> {
  if (readSettings(c.env).SESSION_CHECK === "always") return askAuth(c.env).sessionIsLive(userId, sessionId);
  return !(await isRevoked(listSources(c), sessionId, c.var.log));
}

function listSources(c: GatewayContext): ListSources {
  // Made where it is called: a request in thousands needs it, and a stub costs more than reading a token that is known.
  const endedSessions = () => c.env.ENDED_SESSIONS.getByName(ENDED_SESSIONS_NAME);
  return {
    auth: askAuth(c.env),
    recall: () => endedSessions().recall(),
    keep: (read) => c.executionCtx.waitUntil(endedSessions().keep(read)),
  };
}
