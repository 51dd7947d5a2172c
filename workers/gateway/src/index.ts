import { cors } from "hono/cors";
import { isPage, isPageFile } from "../../../shared/contracts/pages.ts";
import { createService } from "../../../shared/http/service.ts";
import { clearSessionCookie } from "../../../shared/http/session-cookie.ts";
import { authenticate } from "./authenticate.ts";
import { type Env, readSettings } from "./env.ts";
import { forward } from "./forward.ts";
import { systemHealth } from "./health.ts";
import { mergedOpenApi } from "./openapi.ts";
import { servePage } from "./pages.ts";
import { limitRate } from "./rate-limit.ts";
import { ROUTES } from "./routes.ts";
import { securityHeaders } from "./security-headers.ts";

export { RateLimiter } from "./rate-limiter.do.ts";

const app = createService<Env>({ settings: readSettings });

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

for (const path of ["/health", "/api/health", "/connected/health"]) {
  app.get(path, async (c) => {
    const report = await systemHealth(c.env);
    return c.json(report, report.status === "unhealthy" ? 503 : 200);
  });
}

app.get("/openapi.json", async (c) => c.json(await mergedOpenApi(c.env, new URL(c.req.url).origin)));

for (const route of ROUTES) {
  app.on("ALL", [route.path, `${route.path}/*`], async (c) => {
    const caller = await authenticate(c, route);
    if ("refusal" in caller) return (await limitRate(c, route.limit, null)) ?? caller.refusal;
    const limited = await limitRate(c, route.limit, caller.identity);
    const answer = limited ?? (await forward(c, route, caller.identity));
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
