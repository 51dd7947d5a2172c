/** Whose page sent a request: our own, another site's, or nobody can tell, as with clients that are no browsers. */
export type PageOrigin = "own" | "foreign" | "unknown";

/**
 * Tells by what browsers say of themselves and no page can make them say wrongly: `Sec-Fetch-Site`
 * (https://www.w3.org/TR/fetch-metadata/), and `Origin` (RFC 6454 §7) from browsers that do not know it. `none` is the
 * person's own doing, such as a bookmark.
 */
export function pageOriginOf(request: Request): PageOrigin {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site !== null) return site === "same-origin" || site === "none" ? "own" : "foreign";
  const origin = request.headers.get("Origin");
  if (origin === null) return "unknown";
  return origin === new URL(request.url).origin ? "own" : "foreign";
}
