import { isPage, isPageFile } from "../../shared/contracts/pages.ts";

interface Env {
  /** The built page. */
  ASSETS: Fetcher;
  /** The API: every path that is no page. */
  GATEWAY: Fetcher;
}

/** Only reading a page gives the page; any other method on its path is the API's to refuse. */
function readsPage(request: Request, path: string): boolean {
  return isPage(path) && (request.method === "GET" || request.method === "HEAD");
}

export const onRequest: PagesFunction<Env> = ({ request, env, next }) => {
  const path = new URL(request.url).pathname;
  if (isPageFile(path)) return next();
  // The asset server knows index.html by the address `/`; asked for by its file name it answers a redirect.
  if (readsPage(request, path)) return env.ASSETS.fetch(new Request(new URL("/", request.url), request));
  return env.GATEWAY.fetch(request);
};
