import type { MiddlewareHandler } from "hono";
import { DRAIN_MAX_BYTES, drain } from "./drain.ts";
import { refuse } from "./problem.ts";

const FAILURE = { code: "unsupported_media_type", detail: "Send the body without Content-Encoding." } as const;
/** What tells this refusal from that of a media type (RFC 9110 §12.5.3). */
const TAKES_AS_IT_IS = { "Accept-Encoding": "identity" };

/**
 * Refuses bodies that come compressed. Nobody here decodes them: one would be stored as if it were plain, and a small one
 * could become a huge one. A declared length leaves it unread.
 */
export const refuseEncodedBody: MiddlewareHandler = async (c, next) => {
  const { body, headers } = c.req.raw;
  if (body === null || !isEncoded(headers.get("Content-Encoding") ?? "")) return next();
  if (!headers.has("Content-Length")) await drain(body[Symbol.asyncIterator](), DRAIN_MAX_BYTES);
  return refuse(c, FAILURE, { headers: TAKES_AS_IT_IS });
};

function isEncoded(contentEncoding: string): boolean {
  return contentEncoding.split(",").some((coding) => !["", "identity"].includes(coding.trim().toLowerCase()));
}
