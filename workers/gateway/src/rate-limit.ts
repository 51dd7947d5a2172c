import type { Context } from "hono";
import { clientOrigin } from "../../../shared/http/context.ts";
import { bearerToken, verifyAccessToken } from "../../../shared/http/identity.ts";
import { refuse } from "../../../shared/http/problem.ts";
import { describeError } from "../../../shared/log.ts";
import { type Env, readSettings } from "./env.ts";
import type { Decision } from "./gcra.ts";
import type { LimitClass } from "./routes.ts";

/** Sign-in attempts per minute and address. A local script that registers 60 people a minute passes. */
const SIGN_IN_LIMIT = 120;
/** An isolate remembers at most this many blocked callers; beyond that the object decides each time. */
const DENIED_MAX = 10_000;

/** Callers that are blocked, and until when (Unix milliseconds). They cost no call to the object. */
const denied = new Map<string, number>();

type CountedClass = Exclude<LimitClass, "none">;

/**
 * Counts a request against its caller's limit.
 * @returns an answer when the caller must wait, null when the request may go on.
 */
export async function limitRate(c: Context<{ Bindings: Env }>, limitClass: LimitClass): Promise<Response | null> {
  if (limitClass === "none") return null;
  const limit = limitOf(c.env, limitClass);
  const key = `${limitClass}:${await callerOf(c, limitClass)}`;
  const blockedUntil = denied.get(key) ?? 0;
  if (blockedUntil > Date.now()) return refuseHasty(c, limitClass, limit, blockedUntil - Date.now());
  try {
    const decision = await c.env.RATE_LIMITER.getByName(key).take(limit);
    announce(c, limitClass, limit, decision);
    if (decision.allowed) return null;
    remember(key, decision.retryAfterMs);
    return refuseHasty(c, limitClass, limit, decision.retryAfterMs);
  } catch (error) {
    c.var.log.error("limiter away", { limitClass, error: describeError(error) });
    return limitClass === "sign-in" ? refuseUnlimited(c) : null;
  }
}

/** The base comes from the setting; signing in is never freer than it. */
function limitOf(env: Env, limitClass: CountedClass): number {
  const { RATE_LIMIT } = readSettings(env);
  return limitClass === "sign-in" ? Math.min(SIGN_IN_LIMIT, RATE_LIMIT) : RATE_LIMIT;
}

/** The signed-in user, else the address. Whether the token opens anything is the service's decision. */
async function callerOf(c: Context<{ Bindings: Env }>, limitClass: CountedClass): Promise<string> {
  const token = limitClass === "api" ? bearerToken(c.req.raw) : null;
  const claims = token === null ? null : await verifyAccessToken(token, c.env.AUTH).catch(() => null);
  return claims?.sub ?? networkOf(clientOrigin(c.req.raw).ip ?? "unknown");
}

/** One household or host has a whole IPv6 /64, so that is what counts as one address. */
function networkOf(ip: string): string {
  if (!ip.includes(":")) return ip;
  const [head = "", tail = ""] = ip.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const missing = ip.includes("::") ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0") : [];
  return [...left, ...missing, ...right].slice(0, 4).join(":");
}

function remember(key: string, retryAfterMs: number): void {
  if (denied.size >= DENIED_MAX) denied.clear();
  denied.set(key, Date.now() + retryAfterMs);
}

/** The header fields of draft-ietf-httpapi-ratelimit-headers. */
function announce(c: Context, name: CountedClass, limit: number, decision: Decision): void {
  c.header("RateLimit-Policy", `"${name}";q=${limit};w=60`);
  c.header("RateLimit", `"${name}";r=${decision.remaining};t=${Math.ceil(decision.resetMs / 1_000)}`);
}

function refuseHasty(c: Context, name: CountedClass, limit: number, waitMs: number): Response {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const detail = `You may send ${limit} requests a minute here. Wait ${seconds} s.`;
  const headers = { "Retry-After": String(seconds), "RateLimit-Policy": `"${name}";q=${limit};w=60` };
  return refuse(c, { code: "rate_limited", detail }, { headers });
}

/** Without a working limiter passwords could be guessed at any speed, so signing in waits for it. */
function refuseUnlimited(c: Context): Response {
  const failure = { code: "service_unavailable", detail: "Signing in is not possible at the moment." } as const;
  return refuse(c, failure, { headers: { "Retry-After": "5" } });
}
