import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { refuse } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import type { Env } from "../env.ts";
import { BODY_MAX_BYTES, type Route } from "../routes.ts";

/** Bytes of a whole URL. RFC 9110 §4.1 asks for 8,000 at least; our longest, a signed link, has a few hundred. */
const URL_MAX_BYTES = 8 * 1024;
/** Bytes of all header fields. Cloudflare lets 128 KB in; a caller of ours needs two or three. */
const HEADERS_MAX_BYTES = 32 * 1024;

/** Refuses what no client of ours would send, before anybody reads it. */
export const limitHead = createMiddleware<{ Bindings: Env }>(async (c, next) => refuseLongHead(c) ?? next());

export function refuseLongHead(c: Visit<Env>): Response | null {
  if (c.req.raw.url.length > URL_MAX_BYTES) {
    return refuse(c, { code: "uri_too_long", detail: `An address may have at most ${URL_MAX_BYTES} bytes.` });
  }
  if (headerBytes(c.req.raw.headers) > HEADERS_MAX_BYTES) {
    return refuse(c, { code: "headers_too_large", detail: `Headers may have at most ${HEADERS_MAX_BYTES} bytes.` });
  }
  return null;
}

/** Header values hold one character for each byte. */
function headerBytes(headers: Headers): number {
  let bytes = 0;
  for (const [name, value] of headers) bytes += name.length + value.length;
  return bytes;
}

/**
 * The answer to a body that says it is longer than its route takes, unread; null for others. One that does not say is
 * counted by the service that reads it.
 */
export function refuseLongBody(c: Context<{ Bindings: Env }>, route: Route): Response | null {
  const maxBytes = BODY_MAX_BYTES[route.body];
  if (Number(c.req.header("Content-Length") ?? 0) <= maxBytes) return null;
  return refuse(c, { code: "payload_too_large", detail: `A body may have at most ${maxBytes} bytes here.` });
}
