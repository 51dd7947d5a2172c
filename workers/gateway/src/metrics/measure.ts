import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { REQUEST_DURATION } from "../../../../shared/contracts/metrics.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import type { Env } from "../env.ts";
import { patternsOf } from "../find-route.ts";
import { ROUTES } from "../routes.ts";
import { countSeries, flushLater, seriesKey } from "./counters.ts";

/** Upper bounds in seconds. A cached read takes milliseconds, a login a few tenths, a large upload half a minute. */
export const DURATION_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Which row of the route table stands behind a path that Hono knows. */
const ROUTES_BY_PATTERN = new Map(
  ROUTES.flatMap((route) => patternsOf(route).map((pattern) => [pattern, route] as const)),
);

/** Counts every answer, by labels that a stranger cannot make more of. */
export const measure = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const arrivedAt = Date.now();
  await next();
  countAnswer(c, c.req.method, routePath(c), c.res.status, arrivedAt);
});

/**
 * Counts one answer.
 * @param pattern the path under which the answering handler was registered
 * @param arrivedAt when the request came, Unix milliseconds
 */
export function countAnswer(
  { env, executionCtx }: Pick<Visit<Env>, "env" | "executionCtx">,
  method: string,
  pattern: string,
  status: number,
  arrivedAt: number,
): void {
  const seconds = (Date.now() - arrivedAt) / 1_000;
  const bound = DURATION_BUCKETS.find((bucket) => seconds <= bucket);
  const known = METHODS.has(method) ? method : "other";
  const keys = keysOf(known, pattern, status, bound === undefined ? "+Inf" : String(bound));
  countSeries(keys.answers);
  // Each observation is counted in the one bucket it falls into; they are summed up where they are read.
  countSeries(keys.bucket);
  countSeries(keys.seconds, seconds);
  flushLater(env, executionCtx);
}

/** The keys of what one kind of answer counts. Methods, patterns, statuses and bounds are few, so this does not grow. */
const knownKeys = new Map<string, { answers: string; bucket: string; seconds: string }>();

function keysOf(method: string, pattern: string, status: number, le: string) {
  const id = `${method} ${status} ${le} ${pattern}`;
  const known = knownKeys.get(id);
  if (known !== undefined) return known;
  const labels = destinationLabels(pattern, status);
  const made = {
    answers: seriesKey("halftone_requests_total", { ...labels, method, status: `${Math.floor(status / 100)}xx` }),
    bucket: seriesKey(`${REQUEST_DURATION}_bucket`, { ...labels, le }),
    seconds: seriesKey(`${REQUEST_DURATION}_sum`, labels),
  };
  knownKeys.set(id, made);
  return made;
}

function destinationLabels(pattern: string, status: number): { service: string; route: string } {
  const route = ROUTES_BY_PATTERN.get(pattern);
  if (route !== undefined) return { service: route.service, route: route.path };
  // The page's handler sees every path that is nobody else's.
  const isWildcard = pattern.endsWith("*");
  if (!isWildcard) return { service: "gateway", route: pattern };
  return { service: "gateway", route: status < 400 ? "page" : "unknown" };
}
