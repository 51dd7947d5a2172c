import { cors } from "hono/cors";
import { createMiddleware } from "hono/factory";
import { type Env, readSettings } from "../env.ts";
import { ROUTES } from "../routes.ts";

/** What a page's resumable upload goes by (tus 1.0), and what it became. */
const UPLOAD_HEADERS = [
  "Tus-Extension",
  "Tus-Max-Size",
  "Tus-Resumable",
  "Tus-Version",
  "Upload-Defer-Length",
  "Upload-Expires",
  "Upload-Length",
  "Upload-Metadata",
  "Upload-Offset",
  "X-File-Id",
  "X-Image-Id",
  "X-Job-Id",
];
/** What a listed page may read of an answer besides its body. */
const READABLE_HEADERS = [
  "ETag",
  "Idempotent-Replayed",
  "Link",
  "Location",
  "X-Next-Cursor",
  "X-Request-Id",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  ...UPLOAD_HEADERS,
  "Grpc-Status",
  "Grpc-Message",
];
/** Seconds for which a browser keeps what it was told about a route. */
const PREFLIGHT_MAX_AGE = 600;

/**
 * Lets the pages of `CORS_ORIGINS` call the API, each origin spelled out. They are never let in by our cookie: nothing
 * here allows credentials, so a page shows a token or a key of its own. Most requests are no page's and go past.
 */
export const crossOrigin = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const origin = readSettings(c.env).CORS_ORIGINS;
  if (isFromPage(c.req.raw, c.req.path)) {
    return cors({ origin, exposeHeaders: READABLE_HEADERS, maxAge: PREFLIGHT_MAX_AGE })(c, next);
  }
  await next();
  // A cache must not give this answer to a listed page, which would miss what lets it read it.
  if (isReadByPages(c.env)) c.res.headers.append("Vary", "Origin");
});

/** Whether a page sent it, or asks whether it may: only then has its answer to say who may read it. */
export function isFromPage({ headers, method }: Request, path: string): boolean {
  return headers.has("Origin") || (method === "OPTIONS" && !hasOwnOptions(path));
}

/** Whether some page may read answers: then all answers differ by who asks. */
export function isReadByPages(env: Env): boolean {
  return readSettings(env).CORS_ORIGINS.length > 0;
}

const OWN_OPTIONS = ROUTES.filter((route) => route.ownOptions).map(({ path }) => path.replace("/:id", ""));

/** Whether a path answers OPTIONS itself where no browser asks for a page, which it does with an `Origin`. */
function hasOwnOptions(path: string): boolean {
  return OWN_OPTIONS.some((own) => path === own || path.startsWith(`${own}/`));
}
