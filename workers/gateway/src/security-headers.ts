import { createMiddleware } from "hono/factory";

/** What the API answers is data: nothing in it may load, frame or run anything. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Headers of every answer, errors included (OWASP Secure Headers). A service's own stricter word stands. */
const HEADERS = {
  "Content-Security-Policy": API_POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
} as const;

/** The page brings its own, looser Content-Security-Policy: `frontend/public/_headers`, here and on Pages. */
export const securityHeaders = createMiddleware(async (c, next) => {
  await next();
  const answer = c.res.headers;
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!answer.has(name)) answer.set(name, value);
  }
});
