import { isPage, isPageFile } from "../../../shared/contracts/pages.ts";
import { withDirectDoor } from "../../../shared/http/direct-door.ts";
import { createService } from "../../../shared/http/service.ts";
import { clearSessionCookie } from "../../../shared/http/session-cookie.ts";
import { authenticate } from "./authenticate.ts";
import { crossOrigin } from "./cross-origin.ts";
import { describeHealth, describeMetrics } from "./describe-system.ts";
import { endWithSession } from "./end-with-session.ts";
import { type Env, readSettings } from "./env.ts";
import { patternsOf } from "./find-route.ts";
import { forward } from "./forward.ts";
import { keepWatch } from "./keep-watch.ts";
import { linkDoor } from "./link-door.ts";
import { measure } from "./measure.ts";
import { servePage } from "./pages.ts";
import { serveSystemPapers } from "./papers.ts";
import { announceLimit, limitRate } from "./rate-limit.ts";
import { limitHead, refuseLongBody } from "./request-size.ts";
import { ROUTES } from "./routes.ts";
import { secured } from "./security-headers.ts";
import { serveHealth } from "./serve-health.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { shield } from "./shield.ts";
import { turnAway } from "./turn-away.ts";

export { EndedSessions } from "./ended-sessions.do.ts";
export { HealthWatch } from "./health-watch.do.ts";
export { Metrics } from "./metrics.do.ts";
export { RateLimiter } from "./rate-limiter.do.ts";

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
