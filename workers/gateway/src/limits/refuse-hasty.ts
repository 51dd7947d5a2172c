import { PROBLEM_TYPE, problemStatus, problemText } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import { SECURITY_HEADERS } from "../browsers/security-headers.ts";
import type { Env } from "../env.ts";
import { countSeries, seriesKey } from "../metrics/counters.ts";
import type { LimitClass } from "../routes.ts";

/** The classes that routes have, and `credential` for cookies and keys that opened nothing. */
export type CountedClass = Exclude<LimitClass, "none"> | "credential";

/** What a refusal has in common with all others of its class and second. */
interface Prepared {
  detail: string;
  /** The security headers too: a `Headers` is copied many times faster than it is filled. */
  headers: Headers;
  /** What it is counted under. */
  series: string;
}

/** By class, limit and seconds. Nobody waits longer than a minute, so this does not grow. */
const prepared = new Map<string, Prepared>();

/**
 * The answer to who came too often. In a flood there is nothing else to do, so all that can be is made before.
 * @param limit requests a minute that may come
 * @param waitMs until one more may come
 */
export function refuseHasty(c: Pick<Visit<Env>, "var">, name: CountedClass, limit: number, waitMs: number): Response {
  const { detail, headers, series } = prepare(name, limit, Math.max(1, Math.ceil(waitMs / 1_000)));
  countSeries(series);
  const text = problemText("rate_limited", detail, c.var);
  return new Response(text, { status: problemStatus("rate_limited"), headers });
}

function prepare(name: CountedClass, limit: number, seconds: number): Prepared {
  const key = `${name} ${limit} ${seconds}`;
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const made = {
    detail: `You may send ${limit} requests a minute here. Wait ${seconds} s.`,
    headers: new Headers({
      ...SECURITY_HEADERS,
      ...limitHeaders(name, limit, 0, seconds),
      "Retry-After": String(seconds),
      "Content-Type": PROBLEM_TYPE,
    }),
    series: decisionSeries(name, "refused"),
  };
  prepared.set(key, made);
  return made;
}

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-11: the policy, and what is left of it.
 * @param seconds until more may come
 */
export function limitHeaders(name: CountedClass, limit: number, remaining: number, seconds: number) {
  return {
    "RateLimit-Policy": `"${name}";q=${limit};w=60`,
    RateLimit: `"${name}";r=${remaining};t=${seconds}`,
  };
}

/** What a limiter's decisions are counted under. */
export function decisionSeries(policy: CountedClass, decision: "allowed" | "refused" | "undecided"): string {
  return seriesKey("halftone_rate_limit_decisions_total", { policy, decision });
}
