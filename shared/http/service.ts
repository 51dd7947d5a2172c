import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { Sample } from "../contracts/metrics.ts";
import { createLogger, describeError } from "../log.ts";
import { SettingsError } from "../settings.ts";
import { limitBody } from "./body-limit.ts";
import type { ServiceBindings } from "./context.ts";
import { answerHealth, type HealthCheck } from "./health.ts";
import { isJson, JSON_BODY_MAX_BYTES } from "./json.ts";
import { allowedMethods } from "./methods.ts";
import { problemResponse, refuse } from "./problem.ts";
import { continueTrace, requestIdOf, traceIdOf } from "./trace.ts";

export interface ServiceOptions<Bindings> {
  /** Reads the settings; throws SettingsError when one cannot be used. */
  settings: (env: Bindings) => unknown;
  /** What `/health` asks. The gateway has none: it answers for all services in its own way. */
  health?: Record<string, HealthCheck<Bindings>>;
  /** The figures that only this service knows, for the gateway's `/metrics`. */
  gauges?: (env: Bindings) => Promise<Sample[]>;
}

/**
 * The HTTP door that every Worker's app is made of: request id and trace, one log line per request, settings checked,
 * one error shape, `/health` and `/gauges`. Routes are added to the app that is returned.
 */
export function createService<Bindings extends ServiceBindings>(
  options: ServiceOptions<Bindings>,
): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();

  app.use(async (c, next) => {
    const started = Date.now();
    const requestId = requestIdOf(c.req.raw);
    const traceparent = continueTrace(c.req.header("traceparent") ?? null);
    const log = createLogger(c.env, { requestId, traceId: traceIdOf(traceparent) });
    c.set("requestId", requestId);
    c.set("traceparent", traceparent);
    c.set("log", log);
    await next();
    c.res.headers.set("X-Request-Id", requestId);
    log.info("request", {
      method: c.req.method,
      path: withoutSecret(c.req.path),
      route: routePath(c),
      status: c.res.status,
      ms: Date.now() - started,
    });
  });

  app.use(async (c, next) => {
    options.settings(c.env);
    await next();
  });

  app.use(jsonBodyLimit);

  const { health, gauges } = options;
  if (health !== undefined) app.get("/health", (c) => answerHealth(c, health));
  if (gauges !== undefined) app.get("/gauges", async (c) => c.json(await gauges(c.env)));

  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path);
    if (allowed.length === 0) return refuse(c, { code: "not_found", detail: `There is no ${c.req.path} here.` });
    const detail = `${c.req.path} takes ${allowed.join(", ")}.`;
    return refuse(c, { code: "method_not_allowed", detail }, { headers: { Allow: allowed.join(", ") } });
  });

  app.onError((error, c) => {
    const requestId = c.var.requestId ?? requestIdOf(c.req.raw);
    if (error instanceof HTTPException && error.status === 400) {
      return problemResponse("malformed_json", "The body could not be read as JSON.", { requestId });
    }
    const log = c.var.log ?? createLogger(c.env, { requestId });
    log.error("request failed", {
      path: withoutSecret(c.req.path),
      error: describeError(error),
      stack: stackOf(error),
    });
    if (error instanceof SettingsError) return problemResponse("misconfigured", error.message, { requestId });
    return problemResponse("internal_error", "The failure is logged under this request id.", { requestId });
  });

  return app;
}

/** The one kind of path that opens something by itself: a share's token is a secret and must not stand in a log. */
function withoutSecret(path: string): string {
  return path.startsWith("/s/") ? "/s/…" : path;
}

const limitJson = limitBody("A JSON body", JSON_BODY_MAX_BYTES);

/** Only JSON has a limit everywhere: other bodies have their own. */
const jsonBodyLimit = createMiddleware(async (c, next) => (isJson(c) ? limitJson(c, next) : next()));

const STACK_FRAMES = 4;

/** The first frames of the stack: enough to find the place, and nothing of the message, which may quote data. */
function stackOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  const frames = error.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, STACK_FRAMES).join(" | ");
}
