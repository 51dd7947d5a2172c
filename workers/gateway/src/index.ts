import { isPage, isPageFile } from "../../../shared/contracts/pages.ts";
import { withDirectDoor } from "../../../shared/http/direct-door.ts";
import { createService } from "../../../shared/http/service.ts";
import { clearSessionCookie } from "../../../shared/http/session-cookie.ts";
import { crossOrigin } from "./browsers/cross-origin.ts";
import { servePage } from "./browsers/pages.ts";
import { secured } from "./browsers/security-headers.ts";
import { authenticate } from "./callers/authenticate.ts";
import { endWithSession } from "./callers/end-with-session.ts";
import { forward } from "./calls/forward.ts";
import { type Env, readSettings } from "./env.ts";
import { patternsOf } from "./find-route.ts";
import { keepWatch } from "./health/keep-watch.ts";
import { serveHealth } from "./health/serve-health.ts";
import { announceLimit, limitRate } from "./limits/rate-limit.ts";
import { limitHead, refuseLongBody } from "./limits/request-size.ts";
import { shield } from "./limits/shield.ts";
import { turnAway } from "./limits/turn-away.ts";
import { linkDoor } from "./links/link-door.ts";
import { measure } from "./metrics/measure.ts";
import { serveMetrics } from "./metrics/serve-metrics.ts";
import { describeHealth, describeMetrics } from "./papers/describe-system.ts";
import { serveSystemPapers } from "./papers/papers.ts";
import { ROUTES } from "./routes.ts";

export { EndedSessions } from "./callers/ended-sessions.do.ts";
export { HealthWatch } from "./health/health-watch.do.ts";
export { RateLimiter } from "./limits/rate-limiter.do.ts";
export { Metrics } from "./metrics/metrics.do.ts";

const app = createService<Env>({
  settings: readSettings,
  ownBodies: ROUTES.filter(({ body }) => body === "file").map(({ path }) => path),
});

app.use(measure);
app.use(keepWatch);
app.use(shield);
app.use(limitHead);
app.use(crossOrigin);

for (const path of ["/health", "/api/health", "/connected/health"]) app.get(path, describeHealth, serveHealth);
app.get("/metrics", describeMetrics, serveMetrics);

serveSystemPapers(app);

for (const route of ROUTES) {
  app.on("ALL", patternsOf(route), async (c) => {
    const arrivedAt = Date.now();
    const refused = refuseLongBody(c, route);
    if (refused !== null) return refused;
    const caller = await authenticate(c, route);
    const isRefused = "refusal" in caller;
    const limited = await limitRate(c, route.limit, isRefused ? null : caller.identity);
    c.res = limited ?? (isRefused ? caller.refusal : await forward(c, route, caller.identity, arrivedAt));
    if (route.endsWithSession && !isRefused) c.res = endWithSession(c, caller.identity, c.res);
    if (limited === null) announceLimit(c);
    // A new cookie stays: the dead one may have come along to the very sign-in that replaces it.
    if (!isRefused && caller.cookieIsDead && !c.res.headers.has("Set-Cookie")) clearSessionCookie(c);
    return c.res;
  });
}

app.use((c, next) => {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  return isRead && (isPage(c.req.path) || isPageFile(c.req.path)) ? servePage(c) : next();
});

const doors = withDirectDoor(app, linkDoor);

async function answerSecured(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
  return secured(await doors.fetch(request, env, context));
}

export default {
  // Around everything: what is refused before any route is found carries the headers too.
  fetch(request: Request, env: Env, context: ExecutionContext): Response | Promise<Response> {
    return turnAway(request, env, context) ?? answerSecured(request, env, context);
  },
};
