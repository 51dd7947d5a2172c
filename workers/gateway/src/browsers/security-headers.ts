/** What the API answers is data: nothing in it may load, frame or run anything. */
export const API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Headers of every answer (OWASP Secure Headers). */
export const SECURITY_HEADERS = {
  "Content-Security-Policy": API_POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
};
const ENTRIES = Object.entries(SECURITY_HEADERS);

/**
 * Adds the security headers to a finished answer, errors included. A service's own word stands: signed bytes may be
 * embedded anywhere, and the page brings its own, looser Content-Security-Policy (`frontend/public/_headers`, here and
 * on Pages).
 */
export function secured(answer: Response): Response {
  const { headers } = answer;
  for (const [name, value] of ENTRIES) {
    if (!headers.has(name)) headers.set(name, value);
  }
  return answer;
}
