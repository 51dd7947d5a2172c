import { createLogger, describeError, type Logger } from "../log.ts";
import { SettingsError } from "../settings.ts";
import type { ServiceBindings } from "./context.ts";
import { isOutage, OUTAGE } from "./outage.ts";
import { problemResponse } from "./problem.ts";
import { continueTrace, requestIdOf, traceIdOf } from "./trace.ts";

/** What is known of every request from its arrival. */
export interface Arrival {
  requestId: string;
  traceparent: string;
  log: Logger;
  /** Unix milliseconds. */
  arrivedAt: number;
}

/** A request on its way through a Worker, as far as its answer needs it. Every Hono context is one. */
export interface Visit<Bindings> {
  env: Bindings;
  req: { raw: Request };
  executionCtx: Pick<ExecutionContext, "waitUntil">;
  var: Omit<Arrival, "arrivedAt">;
}

export function arrive(request: Request, env: ServiceBindings): Arrival {
  const requestId = requestIdOf(request);
  const traceparent = continueTrace(request.headers.get("traceparent"));
  const log = createLogger(env, { requestId, traceId: traceIdOf(traceparent) });
  return { requestId, traceparent, log, arrivedAt: Date.now() };
}

/**
 * The one line that each request leaves.
 * @param route the pattern under which its path is known
 * @param level `debug` only where another Worker's line tells the same
 */
export function logRequest(
  { log, arrivedAt }: Arrival,
  method: string,
  path: string,
  route: string,
  status: number,
  level: "info" | "debug" = "info",
) {
  log[level]("request", { method, path: withoutSecret(path), route, status, ms: Date.now() - arrivedAt });
}

/** What broke down for the moment is mostly back at the next try. */
const OUTAGE_RETRY_SECONDS = "1";

/** The answer to whoever met a bug, an outage or a setting that cannot be used. The reason is for the log. */
export function answerFailure(error: unknown, { log, requestId }: Visit<unknown>["var"], path: string): Response {
  log.error("request failed", { path: withoutSecret(path), error: describeError(error), stack: stackOf(error) });
  if (error instanceof SettingsError) return problemResponse("misconfigured", error.message, { requestId });
  if (isOutage(error)) {
    const headers = { "Retry-After": OUTAGE_RETRY_SECONDS };
    return problemResponse(OUTAGE.code, OUTAGE.detail, { requestId, headers });
  }
  return problemResponse("internal_error", "The failure is logged under this request id.", { requestId });
}

/** The one kind of path that opens something by itself: a share's token is a secret and must not stand in a log. */
function withoutSecret(path: string): string {
  return path.startsWith("/s/") ? "/s/…" : path;
}

const STACK_FRAMES = 4;

/** The first frames of the stack: enough to find the place, and nothing of the message, which may quote data. */
function stackOf(error: unknown): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  const frames = error.stack.split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, STACK_FRAMES).join(" | ");
}
