import { newId } from "../ids.ts";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** Ids from outside are kept when they look like ids; anything else could break log lines or headers. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;
const SAMPLED = "01";

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (b) => b.toString(16).padStart(2, "0")).join("");
}

export function requestIdOf(request: Request): string {
  const given = request.headers.get("X-Request-Id");
  return given !== null && REQUEST_ID.test(given) ? given : newId();
}

/** The caller's trace continued with a new span, or a new trace where the caller has none. */
export function continueTrace(request: Request): string {
  const given = TRACEPARENT.exec(request.headers.get("traceparent") ?? "");
  const traceId = given?.[1] ?? randomHex(16);
  return `00-${traceId}-${randomHex(8)}-${given?.[3] ?? SAMPLED}`;
}

export function traceIdOf(traceparent: string): string {
  return traceparent.split("-")[1] ?? "";
}
