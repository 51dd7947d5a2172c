import type { Context } from "hono";
import { isPageFile } from "../../../../shared/contracts/pages.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import type { Env } from "../env.ts";

/** Built files carry a hash of their content in their name. */
const FOREVER = "public, max-age=31536000, immutable";
/** The page itself is asked for each time, so that a new build is seen at once. */
const REVALIDATE = "no-cache";

/** Serves the page that shows the API's document, which the build makes beside the web app. */
export async function serveDocsPage(c: Context<{ Bindings: Env }>): Promise<Response> {
  const answer = await c.env.ASSETS.fetch(c.req.raw);
  const page = new Response(answer.body, answer);
  page.headers.set("Cache-Control", REVALIDATE);
  return page;
}

/** Serves the web app: index.html on its page routes, and the files it loads. */
export async function servePage(c: Context<{ Bindings: Env }>): Promise<Response> {
  const answer = await c.env.ASSETS.fetch(c.req.raw);
  const wantsFile = isPageFile(c.req.path);
  const isPage = answer.headers.get("Content-Type")?.startsWith("text/html") ?? false;
  // A single-page app answers every unknown path with the page; a script that is not there must not be HTML.
  if (wantsFile && isPage) return refuseUnknown(c);
  const page = new Response(answer.body, answer);
  page.headers.set("Cache-Control", wantsFile && c.req.path.startsWith("/assets/") ? FOREVER : REVALIDATE);
  return page;
}
