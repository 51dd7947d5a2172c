import { getPath } from "hono/utils/url";
import type { DirectDoor } from "../../../../shared/http/direct-door.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import { isFromPage, isReadByPages } from "../browsers/cross-origin.ts";
import { forward } from "../calls/forward.ts";
import type { Env } from "../env.ts";
import { findRoute } from "../find-route.ts";
import { seeToWatch } from "../health/keep-watch.ts";
import { refuseLongHead } from "../limits/request-size.ts";
import { refuseFlood } from "../limits/shield.ts";
import { countAnswer } from "../metrics/measure.ts";
import { bearsSignature, type Route } from "../routes.ts";
import { confirmCopy, noteAnswer } from "./vouched-links.ts";

/** The bytes behind signed links, past the app: a gallery asks for a hundred of them at once. */
export const linkDoor: DirectDoor<Env> = {
  open(request) {
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    // First, because it is cheap and tells nearly all others: each of them is found its route again in the app.
    if (!bearsSignature(request)) return null;
    const path = getPath(request);
    const found = findRoute(path);
    if (found?.route.takesLinks !== true || isFromPage(request, path)) return null;
    return { path, pattern: found.pattern, answer: (visit) => follow(visit, found.route) };
  },
  answered: (visit, { pattern }, status, arrivedAt) =>
    countAnswer(visit, visit.req.raw.method, pattern, status, arrivedAt),
};

async function follow(visit: Visit<Env>, route: Route): Promise<Response> {
  const arrivedAt = Date.now();
  seeToWatch(visit);
  const request = visit.req.raw;
  const refused = (await refuseFlood(visit)) ?? refuseLongHead(visit);
  const confirmed = refused === null ? confirmCopy(request, arrivedAt) : null;
  if (confirmed !== null) return confirmed;
  const answer = refused ?? (await forward(visit, route, null, arrivedAt));
  if (isReadByPages(visit.env)) answer.headers.append("Vary", "Origin");
  if (refused === null) noteAnswer(request, answer, arrivedAt);
  return answer;
}
