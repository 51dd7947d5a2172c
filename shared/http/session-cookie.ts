import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { isOwnMachine } from "./own-machine.ts";

/**
 * How the session cookie goes by. Browsers take `__Host-` only over https, which ties the cookie to this very host
 * (RFC 6265bis §4.1.3.2); on one's own machine there is no https, so there the name is plain.
 */
function nameOf(url: URL): { name: string; secure: boolean } {
  return isOwnMachine(url) ? { name: "halftone", secure: false } : { name: "__Host-halftone", secure: true };
}

/** The session cookie of a request, if it carries one. */
export function readSessionCookie(c: Context): string | null {
  return getCookie(c, nameOf(new URL(c.req.url)).name) ?? null;
}

/** No script can read it, and no other site's page can make the browser send it. @param lifetimeMs milliseconds */
export function setSessionCookie(c: Context, value: string, lifetimeMs: number): void {
  const { name, secure } = nameOf(new URL(c.req.url));
  const maxAge = Math.floor(lifetimeMs / 1_000);
  setCookie(c, name, value, { httpOnly: true, secure, sameSite: "Strict", path: "/", maxAge });
}

export function clearSessionCookie(c: Context): void {
  const { name, secure } = nameOf(new URL(c.req.url));
  deleteCookie(c, name, { httpOnly: true, secure, sameSite: "Strict", path: "/" });
}
