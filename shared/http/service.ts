import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import { createLogger, describeError } from "../log.ts";
import { SettingsError } from "../settings.ts";
import { limitBody } from "./body-limit.ts";
import type { ServiceBindings } from "./context.ts";
import { isJson, JSON_BODY_MAX_BYTES } from "./json.ts";
import { allowedMethods } from "./methods.ts";
import { problemResponse, refuse } from "./problem.ts";
import { continueTrace, requestIdOf, traceIdOf } from "./trace.ts";

/** A dependency that `/health` asks. It throws or answers false when it is away. */
export type HealthCheck<Bindings> = (env: Bindings) => Promise<unknown>;

export interface ServiceOptions<Bindings> {
  /** Reads the settings; throws SettingsError when one cannot be used. */
  settings: (env: Bindings) => unknown;
  /** What `/health` asks. The gateway has none: it answers for all services in its own way. */
  health?: Record<string, HealthCheck<Bindings>>;
}

/**
 * The HTTP door that every Worker's app is made of: request id and trace, one log line per request, settings checked,
 * one error shape, `/health`. Routes are added to the app that is returned.
 */
export function createService<Bindings extends ServiceBindings>(
  options: ServiceOptions<Bindings>,
): Hono<{ Bindings: Bindings }> {
  const app = new Hono<{ Bindings: Bindings }>();

  app.use(async (c, next) => {
    const started = Date.now();
    const requestId = requestIdOf(c.req.raw);
    const traceparent = continueTrace(c.req.raw);
    const log = createLogger(c.env, { requestId, traceId: traceIdOf(traceparent) });
    c.set("requestId", requestId);
    c.set("traceparent", traceparent);
    c.set("log", log);
    await next();
    c.res.headers.set("X-Request-Id", requestId);
    log.info("request", {
      method: c.req.method,
      path: c.req.path,
      route: routePath(c, -1),
      status: c.res.status,
      ms: Date.now() - started,
    });
  });

  app.use(async (c, next) => {
    options.settings(c.env);
    await next();
  });

  app.use(jsonBodyLimit);

  const { health } = options;
  if (health !== undefined) app.get("/health", (c) => answerHealth(c, health));

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
    log.error("request failed", { path: c.req.path, error: describeError(error), stack: stackOf(error) });
    if (error instanceof SettingsError) return problemResponse("misconfigured", error.message, { requestId });
    return problemResponse("internal_error", "The failure is logged under this request id.", { requestId });
  });

  return app;
}

const limitJson = limitBody("A JSON body", JSON_BODY_MAX_BYTES);

/** Only JSON has a limit everywhere: other bodies have their own. */
const jsonBodyLimit = createMiddleware(async (c, next) => (isJson(c) ? limitJson(c, next) : next()));

async function answerHealth<Bindings extends ServiceBindings>(
  c: Context<{ Bindings: Bindings }>,
  checks: Record<string, HealthCheck<Bindings>>,
): Promise<Response> {
  const failing = await failingChecks(checks, c.env);
  const status = failing.length === 0 ? "healthy" : "unhealthy";
  const body = { status, timestamp: new Date().toISOString(), service: c.env.SERVICE_NAME, failing };
  return c.json(body, status === "healthy" ? 200 : 503);
}

async function failingChecks<Bindings>(checks: Record<string, HealthCheck<Bindings>>, env: Bindings) {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return (await check(env)) === false ? name : null;
      } catch {
        return name;
      }
    }),
  );
  return answers.filter((name) => name !== null);
}

const STACK_FRAMES = 4;

/** The first frames of the stack: enough to find the place, and nothing of the message, which may quote data. */
function stackOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  const frames = error.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, STACK_FRAMES).join(" | ");
}
