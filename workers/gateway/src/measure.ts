import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { REQUEST_DURATION } from "../../../shared/contracts/metrics.ts";
import { count, flushLater } from "./counters.ts";
import type { Env } from "./env.ts";
import { ROUTES } from "./routes.ts";

/** Upper bounds in seconds. A cached read takes milliseconds, a login a few tenths, a large upload half a minute. */
export const DURATION_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Which row of the route table stands behind a path that Hono knows. */
const ROUTES_BY_PATTERN = new Map(
  ROUTES.flatMap((route) => [
    [route.path, route],
    [`${route.path}/*`, route],
  ]),
);

/** Counts every answer, by labels that a stranger cannot make more of. */
export const measure = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const started = Date.now();
  await next();
  const labels = destinationLabels(routePath(c), c.res.status);
  const method = METHODS.has(c.req.method) ? c.req.method : "other";
  count("halftone_requests_total", { ...labels, method, status: `${Math.floor(c.res.status / 100)}xx` });
  observeDuration(labels, (Date.now() - started) / 1_000);
  flushLater(c.env, c.executionCtx);
});

/** @param pattern the path under which the answering handler was registered */
function destinationLabels(pattern: string, status: number): { service: string; route: string } {
  const route = ROUTES_BY_PATTERN.get(pattern);
  if (route !== undefined) return { service: route.service, route: route.path };
  // The page's handler sees every path that is nobody else's.
  const isWildcard = pattern.endsWith("*");
  if (!isWildcard) return { service: "gateway", route: pattern };
  return { service: "gateway", route: status < 400 ? "page" : "unknown" };
}

/** Each observation is counted in the one bucket it falls into; they are summed up where they are read. */
function observeDuration(labels: Record<string, string>, seconds: number): void {
  const bound = DURATION_BUCKETS.find((bucket) => seconds <= bucket);
  count(`${REQUEST_DURATION}_bucket`, { ...labels, le: bound === undefined ? "+Inf" : String(bound) });
  count(`${REQUEST_DURATION}_sum`, labels, seconds);
}
