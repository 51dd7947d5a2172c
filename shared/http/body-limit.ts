import type { MiddlewareHandler } from "hono";
import { DRAIN_MAX_BYTES, drain } from "./drain.ts";
import { refuse } from "./problem.ts";

/**
 * Refuses bodies beyond a limit: unread where they declare their length, else when they pass it.
 * @param kind what the body is, as the answer calls it, such as "A JSON body"
 */
export function limitBody(kind: string, maxBytes: number): MiddlewareHandler {
  const detail = `${kind} may have at most ${maxBytes} bytes.`;
  return async (c, next) => {
    const { body, headers } = c.req.raw;
    if (body === null) return next();
    const length = headers.get("Content-Length");
    if (length === null || headers.has("Transfer-Encoding")) {
      const bytes = await readUpTo(body, maxBytes);
      if (bytes === null) return refuse(c, { code: "payload_too_large", detail });
      c.req.raw = new Request(c.req.raw, { body: bytes });
      return next();
    }
    return Number(length) > maxBytes ? refuse(c, { code: "payload_too_large", detail }) : next();
  };
}

/** The whole of a body of unknown length; null when it is longer. */
async function readUpTo(body: ReadableStream<Uint8Array>, maxBytes: number): Promise<ArrayBuffer | null> {
  const chunks = body[Symbol.asyncIterator]();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let step = await chunks.next(); !step.done; step = await chunks.next()) {
    length += step.value.length;
    if (length > maxBytes) {
      await drain(chunks, DRAIN_MAX_BYTES);
      return null;
    }
    pieces.push(step.value);
  }
  return new Blob(pieces).arrayBuffer();
}
