import type { Context } from "hono";

/** JSON bodies of this product are small; a larger one is a mistake or an attack. */
export const JSON_BODY_MAX_BYTES = 64 * 1024;

/** Whether the request says that its body is JSON. */
export function isJson(c: Context): boolean {
  return /^application\/([\w.+-]*\+)?json\b/i.test(c.req.header("Content-Type") ?? "");
}
