import * as z from "zod";
import { Breaker, type BreakerState } from "../../../../shared/breaker.ts";
import type { AuthApi } from "../../../../shared/contracts/rpc.ts";
import { KeySet } from "../../../../shared/http/published-keys.ts";
import { within } from "../../../../shared/within.ts";
import type { Env } from "../env.ts";

/** A request may ask auth twice, and must still reach its service within the shortest timeout class (5 s). */
const PATIENCE_MS = 1_500;

/** What the gateway asks auth by RPC. Every call throws when auth is away, in time or at once. */
export type AskedAuth = Pick<AuthApi, "jwks" | "exchange" | "revocations" | "sessionIsLive">;

const Exchange = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    value: z.object({
      accessToken: z.string(),
      freshUntil: z.number(),
      expiresAt: z.number().optional(),
      userId: z.string(),
      sessionId: z.string(),
      everyRequest: z.boolean(),
    }),
  }),
  z.object({
    ok: z.literal(false),
    failure: z.object({ code: z.enum(["invalid_credential", "invalid_signature"]), detail: z.string() }),
  }),
]);
const Revocations = z.object({
  revocations: z.array(z.object({ sessionId: z.string(), until: z.number() })),
  cursor: z.number(),
});

interface Asked {
  auth: AskedAuth;
  breaker: Breaker;
}

/** One per environment, of which an isolate has one. */
const asked = new WeakMap<Env, Asked>();

/**
 * Auth's RPC behind a breaker of its own, a time limit and a look at what comes back: an auth that hangs, or answers
 * something else, is away, and never the caller's fault.
 */
export function askAuth(env: Env): AskedAuth {
  return askedOf(env).auth;
}

/** How the breaker of these calls stands in this isolate; that of the requests to auth's routes is another. */
export function askAuthState(env: Env, now = Date.now()): BreakerState {
  return askedOf(env).breaker.state(now);
}

function askedOf(env: Env): Asked {
  const known = asked.get(env);
  if (known !== undefined) return known;
  const breaker = new Breaker();
  const auth: AskedAuth = {
    jwks: () => ask(breaker, KeySet, () => env.AUTH.jwks()),
    exchange: (credential, use) => ask(breaker, Exchange, () => env.AUTH.exchange(credential, use)),
    revocations: (after) => ask(breaker, Revocations, () => env.AUTH.revocations(after)),
    sessionIsLive: (userId, sessionId) => ask(breaker, z.boolean(), () => env.AUTH.sessionIsLive(userId, sessionId)),
  };
  const made = { auth, breaker };
  asked.set(env, made);
  return made;
}

async function ask<Schema extends z.ZodType>(
  breaker: Breaker,
  schema: Schema,
  call: () => Promise<unknown>,
): Promise<z.output<Schema>> {
  const beganAt = Date.now();
  if (!breaker.admits(beganAt)) throw new Error("auth has been given up for the moment");
  try {
    const answer = schema.parse(await within(PATIENCE_MS, call()));
    breaker.record(beganAt, false, Date.now());
    return answer;
  } catch (error) {
    breaker.record(beganAt, true, Date.now());
    throw error;
  }
}
