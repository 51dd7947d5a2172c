import type { Context } from "hono";
import { refuse } from "../../../shared/http/problem.ts";
import { BODY_MAX_BYTES, type Route } from "./routes.ts";

/**
 * Refuses a body that says itself that it is larger than its route takes, before it is read and before anybody is
 * asked. One of unknown length is counted by its service, as it reads it.
 */
export function refuseLarge(c: Context, { body }: Route): Response | null {
  const maxBytes = BODY_MAX_BYTES[body];
  const declared = Number(c.req.raw.headers.get("Content-Length") ?? "0");
  if (declared <= maxBytes) return null;
  return refuse(c, { code: "payload_too_large", detail: `A body here may have at most ${maxBytes} bytes.` });
}
