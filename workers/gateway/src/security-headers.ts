import { createMiddleware } from "hono/factory";

/** What the API answers is data: nothing in it may load, frame or run anything. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The page loads its own files only; pictures may also be blobs, for previews before the upload. */
const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** Headers of every answer, errors included (OWASP Secure Headers). A service's own stricter word stands. */
const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
} as const;

export const securityHeaders = createMiddleware(async (c, next) => {
  await next();
  const isPage = c.res.headers.get("Content-Type")?.startsWith("text/html") ?? false;
  const answer = c.res.headers;
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!answer.has(name)) answer.set(name, value);
  }
  if (!answer.has("Content-Security-Policy")) {
    answer.set("Content-Security-Policy", isPage ? PAGE_POLICY : API_POLICY);
  }
});
