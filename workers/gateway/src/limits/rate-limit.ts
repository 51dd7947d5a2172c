import type { Context } from "hono";
import { clientOrigin } from "../../../../shared/http/context.ts";
import { networkOf } from "../../../../shared/http/network.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import { describeError } from "../../../../shared/log.ts";
import type { Identity } from "../callers/identity.ts";
import { type Env, readSettings } from "../env.ts";
import { countSeries } from "../metrics/counters.ts";
import type { LimitClass } from "../routes.ts";
import { type CountedClass, decisionSeries, limitHeaders, refuseHasty } from "./refuse-hasty.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** The header fields of the limit that this request was counted against, once it was. */
    rateLimit?: Record<string, string>;
  }
}

/**
 * Sign-ins per minute and address, and cookies and keys that open nothing. A local script that registers 60 people a
 * minute passes.
 */
const GUESSING_LIMIT = 120;
/** Lookups per minute and address. They tell strangers who is registered: one at a time, not in a list. */
const LOOKUP_LIMIT = 30;
/** An isolate remembers at most this many blocked callers; beyond that the object decides each time. */
const DENIED_MAX = 10_000;

/** Callers that are blocked, and until when (Unix milliseconds). They cost no call to the object. */
const denied = new Map<string, number>();

/**
 * Counts a request against its caller's limit: where the class asks for it and the caller is known, an API key's or
 * else the user's, wherever they are; else the address's.
 * @returns an answer when the caller must wait, null when the request may go on.
 */
export async function limitRate(
  c: Context<{ Bindings: Env }>,
  limitClass: LimitClass | "credential",
  identity: Identity | null,
): Promise<Response | null> {
  if (limitClass === "none") return null;
  const caller = limitClass === "api" && identity !== null ? callerOf(identity) : addressOf(c.req.raw);
  const blocked = refuseDenied(c, limitClass, caller);
  if (blocked !== null) return blocked;
  const limit = limitOf(c.env, limitClass);
  const key = `${limitClass}:${caller}`;
  try {
    const decision = await c.env.RATE_LIMITER.getByName(key).take(limit);
    if (decision.allowed) {
      countSeries(decisionSeries(limitClass, "allowed"));
      const { remaining, resetMs } = decision;
      c.set("rateLimit", limitHeaders(limitClass, limit, remaining, Math.ceil(resetMs / 1_000)));
      return null;
    }
    remember(key, decision.retryAfterMs);
    return refuseHasty(c, limitClass, limit, decision.retryAfterMs);
  } catch (error) {
    c.var.log.error("limiter away", { limitClass, error: describeError(error) });
    countSeries(decisionSeries(limitClass, "undecided"));
    return limitClass === "api" ? null : refuseUnlimited(c);
  }
}

/** The answer to an address that this isolate knows to be over the limit, null for others. Counts nothing. */
export function refuseBlocked(c: Visit<Env>, limitClass: CountedClass): Response | null {
  return refuseDenied(c, limitClass, addressOf(c.req.raw));
}

function refuseDenied(c: Visit<Env>, limitClass: CountedClass, caller: string): Response | null {
  const waitMs = waitOf(limitClass, caller);
  return waitMs > 0 ? refuseHasty(c, limitClass, limitOf(c.env, limitClass), waitMs) : null;
}

/** Whether this isolate knows of anybody who is over a limit. */
export function isAnybodyBlocked(): boolean {
  return denied.size > 0;
}

/** Milliseconds for which this isolate knows a request's address to be over the limit; none where it does not. */
export function blockedMs(request: Request, limitClass: CountedClass): number {
  return waitOf(limitClass, addressOf(request));
}

function waitOf(limitClass: CountedClass, caller: string): number {
  return Math.max(0, (denied.get(`${limitClass}:${caller}`) ?? 0) - Date.now());
}

/** The base comes from the setting; guessing is never freer than it. */
export function limitOf(env: Env, limitClass: CountedClass): number {
  const { RATE_LIMIT } = readSettings(env);
  if (limitClass === "api") return RATE_LIMIT;
  return Math.min(limitClass === "lookup" ? LOOKUP_LIMIT : GUESSING_LIMIT, RATE_LIMIT);
}

/** A key is a caller of its own (C24): a script that runs wild must not lock its owner out of the page. */
function callerOf({ keyId, userId }: Identity): string {
  return keyId ?? userId;
}

function addressOf(request: Request): string {
  return networkOf(clientOrigin(request).ip ?? "unknown");
}

function remember(key: string, retryAfterMs: number): void {
  if (denied.size >= DENIED_MAX) denied.clear();
  denied.set(key, Date.now() + retryAfterMs);
}

/** Tells a caller who was let through what is left, on the answer there is. What refuses one says so itself. */
export function announceLimit(c: Context): void {
  for (const [header, value] of Object.entries(c.get("rateLimit") ?? {})) c.res.headers.set(header, value);
}

/** Without a working limiter secrets could be guessed and people listed at any speed, so both wait for it. */
function refuseUnlimited(c: Visit<Env>): Response {
  const failure = { code: "service_unavailable", detail: "This is not possible at the moment." } as const;
  return refuse(c, failure, { headers: { "Retry-After": "5" } });
}
