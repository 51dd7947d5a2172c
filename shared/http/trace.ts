import type { WorkOrigin } from "../contracts/rpc.ts";
import { newId } from "../ids.ts";
import type { LogFields } from "../log.ts";
import { randomHex } from "../random.ts";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** Ids from outside are kept when they look like ids; anything else could break log lines or headers. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const SAMPLED = "01";

export function requestIdOf(request: Request): string {
  const given = request.headers.get("X-Request-Id");
  return given !== null && REQUEST_ID.test(given) ? given : newId();
}

/** The caller's trace continued with a new span, or a new trace where the caller has none that can be read. */
export function continueTrace(traceparent: string | null): string {
  const given = TRACEPARENT.exec(traceparent ?? "");
  const traceId = given?.[1] ?? randomHex(16);
  return `00-${traceId}-${randomHex(8)}-${given?.[3] ?? SAMPLED}`;
}

export function traceIdOf(traceparent: string): string {
  return traceparent.split("-")[1] ?? "";
}

/** What stands in every log line of work that a request has left behind: the same words as in the request's own. */
export function originFields({ requestId, traceparent }: WorkOrigin): LogFields {
  return { requestId, traceId: traceparent === null ? null : traceIdOf(traceparent) };
}
