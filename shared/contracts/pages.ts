/**
 * The address bar's paths that belong to the web app. Everything else is API and answers itself,
 * at the gateway as well as on Pages, so no API path may ever begin with `/app`.
 */
export function isPage(path: string): boolean {
  return path === "/" || path === "/app" || path.startsWith("/app/");
}

/** What the page's build emits beside index.html: hashed files that never change. */
export function isPageFile(path: string): boolean {
  return path.startsWith("/assets/") || path === "/favicon.svg";
}
