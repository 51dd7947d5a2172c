import { cors } from "hono/cors";
import { isPage, isPageFile } from "../../../shared/contracts/pages.ts";
import { createService } from "../../../shared/http/service.ts";
import { clearSessionCookie } from "../../../shared/http/session-cookie.ts";
import { authenticate } from "./authenticate.ts";
import { refuseLarge } from "./body-size.ts";
import { describeHealth, describeMetrics } from "./describe-system.ts";
import { type Env, readSettings } from "./env.ts";
import { forward } from "./forward.ts";
import { keepWatch } from "./keep-watch.ts";
import { measure } from "./measure.ts";
import { servePage } from "./pages.ts";
import { serveSystemPapers } from "./papers.ts";
import { limitRate } from "./rate-limit.ts";
import { ROUTES } from "./routes.ts";
import { securityHeaders } from "./security-headers.ts";
import { serveHealth } from "./serve-health.ts";
import { serveMetrics } from "./serve-metrics.ts";

export { EndedSessions } from "./ended-sessions.do.ts";
export { HealthWatch } from "./health-watch.do.ts";
export { Metrics } from "./metrics.do.ts";
export { RateLimiter } from "./rate-limiter.do.ts";

const app = createService<Env>({ settings: readSettings });

app.use(measure);
app.use(keepWatch);
app.use(securityHeaders);
app.use((c, next) => {
  const { CORS_ORIGINS } = readSettings(c.env);
  const exposeHeaders = [
    "ETag",
    "Link",
    "X-Next-Cursor",
    "X-Request-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
  ];
  return cors({ origin: CORS_ORIGINS, exposeHeaders, maxAge: 600 })(c, next);
});

for (const path of ["/health", "/api/health", "/connected/health"]) app.get(path, describeHealth, serveHealth);
app.get("/metrics", describeMetrics, serveMetrics);

serveSystemPapers(app);

for (const route of ROUTES) {
  app.on("ALL", [route.path, `${route.path}/*`], async (c) => {
    const arrivedAt = Date.now();
    const tooLarge = refuseLarge(c, route);
    if (tooLarge !== null) return tooLarge;
    const caller = await authenticate(c, route);
    if ("refusal" in caller) return (await limitRate(c, route.limit, null)) ?? caller.refusal;
    const limited = await limitRate(c, route.limit, caller.identity);
    const answer = limited ?? (await forward(c, route, caller.identity, arrivedAt));
    // A new cookie stays: the dead one may have come along to the very sign-in that replaces it.
    if (caller.cookieIsDead && !answer.headers.has("Set-Cookie")) clearSessionCookie(c);
    return answer;
  });
}

app.use((c, next) => {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  return isRead && (isPage(c.req.path) || isPageFile(c.req.path)) ? servePage(c) : next();
});

export default app;
