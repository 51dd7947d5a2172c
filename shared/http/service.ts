import { Hono, type MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { Sample } from "../contracts/metrics.ts";
import { refuseEncodedBody } from "./body-encoding.ts";
import { limitBody } from "./body-limit.ts";
import type { ServiceBindings } from "./context.ts";
import { answerHealth, type HealthCheck } from "./health.ts";
import { isJson, JSON_BODY_MAX_BYTES } from "./json.ts";
import { allowedMethods } from "./methods.ts";
import { refuse } from "./problem.ts";
import { answerFailure, arrive, logRequest } from "./visit.ts";

export interface ServiceOptions<Bindings> {
  /** Reads the settings; throws SettingsError when one cannot be used. */
  settings: (env: Bindings) => unknown;
  /** What `/health` asks. The gateway has none: it answers for all services in its own way. */
  health?: Record<string, HealthCheck<Bindings>>;
  /** Paths whose doors judge by themselves how a body may be encoded and how long JSON may be. */
  ownBodies?: readonly string[];
  /** Doors, such as `PUT /api/files`, that store their body as it is: a JSON document is a file like others there. */
  fileDoors?: readonly string[];
  /** What `/health` tells beside it, such as how much is out of order. Admins are shown it. */
  figures?: (env: Bindings) => Promise<Record<string, number>>;
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
    const arrived = arrive(c.req.raw, c.env);
    c.set("requestId", arrived.requestId);
    c.set("traceparent", arrived.traceparent);
    c.set("log", arrived.log);
    await next();
    c.res.headers.set("X-Request-Id", arrived.requestId);
    logRequest(arrived, c.req.method, c.req.path, routePath(c), c.res.status);
  });

  app.use(async (c, next) => {
    options.settings(c.env);
    await next();
  });

  const ownBodies = options.ownBodies ?? [];
  app.use(exceptBelow(ownBodies, refuseEncodedBody));
  app.use(exceptBelow(ownBodies, limitJson(options.fileDoors ?? [])));

  const { health, figures, gauges } = options;
  if (health !== undefined) app.get("/health", (c) => answerHealth(c, health, figures));
  if (gauges !== undefined) app.get("/gauges", async (c) => c.json(await gauges(c.env)));

  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path);
    if (allowed.length === 0) return refuse(c, { code: "not_found", detail: `There is no ${c.req.path} here.` });
    const detail = `${c.req.path} takes ${allowed.join(", ")}.`;
    return refuse(c, { code: "method_not_allowed", detail }, { headers: { Allow: allowed.join(", ") } });
  });

  app.onError((error, c) => {
    if (error instanceof HTTPException && error.status === 400) {
      return refuse(c, { code: "malformed_json", detail: "The body could not be read as JSON." });
    }
    return answerFailure(error, c.var, c.req.path);
  });

  return app;
}

const limitLength = limitBody("A JSON body", JSON_BODY_MAX_BYTES);

/** Only JSON has a limit nearly everywhere: other bodies have their own. */
function limitJson(fileDoors: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const isFile = fileDoors.includes(`${c.req.method} ${c.req.path}`);
    return isJson(c) && !isFile ? limitLength(c, next) : next();
  };
}

function exceptBelow(paths: readonly string[], check: MiddlewareHandler): MiddlewareHandler {
  const isBelow = (path: string) => paths.some((own) => path === own || path.startsWith(`${own}/`));
  return async (c, next) => (isBelow(c.req.path) ? next() : check(c, next));
}
