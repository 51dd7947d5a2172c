import { getPath } from "hono/utils/url";
import { arrive, logRequest, type Visit } from "../../../../shared/http/visit.ts";
import { isFromPage, isReadByPages } from "../browsers/cross-origin.ts";
import { CREDENTIAL_HEADERS } from "../callers/identity.ts";
import type { Env } from "../env.ts";
import { findRoute } from "../find-route.ts";
import { countAnswer } from "../metrics/measure.ts";
import { blockedMs, isAnybodyBlocked, limitOf } from "./rate-limit.ts";
import { refuseHasty } from "./refuse-hasty.ts";

/**
 * The answer to an address that this isolate knows to be over a limit, null for everybody else: before the app, so that
 * a flood costs as little as a request can. Who shows a credential where it counts, or comes from a page of another
 * origin, goes the long way and is refused there.
 */
export function turnAway(request: Request, env: Env, executionCtx: Visit<Env>["executionCtx"]): Response | null {
  if (!isAnybodyBlocked()) return null;
  const path = getPath(request);
  const found = findRoute(path);
  if (found === null || found.route.limit === "none") return null;
  const { limit } = found.route;
  const waitMs = blockedMs(request, limit);
  if (waitMs === 0 || isFromPage(request, path) || (limit === "api" && showsCredential(request))) return null;

  const arrival = arrive(request, env);
  const visit = { env, req: { raw: request }, executionCtx, var: arrival };
  const answer = refuseHasty(visit, limit, limitOf(env, limit), waitMs);
  answer.headers.set("X-Request-Id", arrival.requestId);
  if (isReadByPages(env)) answer.headers.set("Vary", "Origin");
  logRequest(arrival, request.method, path, found.pattern, answer.status);
  countAnswer(visit, request.method, found.pattern, answer.status, arrival.arrivedAt);
  return answer;
}

function showsCredential({ headers }: Request): boolean {
  return CREDENTIAL_HEADERS.some((name) => headers.has(name));
}
