import type { ServiceBindings } from "./context.ts";
import { answerFailure, arrive, logRequest, type Visit } from "./visit.ts";

/** A request that goes past the app. */
export interface Passage<Bindings> {
  path: string;
  /** What stands in the log for all paths of this door, written as the app writes its patterns. */
  pattern: string;
  answer(visit: Visit<Bindings>): Promise<Response>;
}

export interface DirectDoor<Bindings> {
  /** What a request is that is for this door; null for the others, which the app answers. */
  open(request: Request): Passage<Bindings> | null;
  /** How loud the line of an answer is; `info` where nothing else is said. */
  levelOf?(status: number): "info" | "debug";
  /** Told of every answer. @param arrivedAt when the request came, Unix milliseconds */
  answered?(visit: Visit<Bindings>, passage: Passage<Bindings>, status: number, arrivedAt: number): void;
}

/** What a Worker exports. */
interface Door<Bindings> {
  fetch(request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response>;
}

/**
 * An app with a door beside it, for what is asked for a hundred times on one page: there the app's way to a route costs
 * as much as the answer. Request id, trace, log line and the answer to failures are those of the app.
 */
export function withDirectDoor<Bindings extends ServiceBindings>(
  app: Door<Bindings>,
  door: DirectDoor<Bindings>,
): Door<Bindings> {
  return {
    fetch(request, env, context) {
      const passage = door.open(request);
      return passage === null ? app.fetch(request, env, context) : pass(door, passage, request, env, context);
    },
  };
}

async function pass<Bindings extends ServiceBindings>(
  door: DirectDoor<Bindings>,
  passage: Passage<Bindings>,
  request: Request,
  env: Bindings,
  executionCtx: ExecutionContext,
): Promise<Response> {
  const { path, pattern } = passage;
  const arrival = arrive(request, env);
  const visit: Visit<Bindings> = { env, req: { raw: request }, executionCtx, var: arrival };
  const answer = await passage.answer(visit).catch((error) => answerFailure(error, arrival, path));
  answer.headers.set("X-Request-Id", arrival.requestId);
  logRequest(arrival, request.method, path, pattern, answer.status, door.levelOf?.(answer.status));
  door.answered?.(visit, passage, answer.status, arrival.arrivedAt);
  return answer;
}
