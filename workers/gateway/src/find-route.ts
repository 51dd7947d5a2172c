import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { ROUTES, type Route } from "./routes.ts";

/** A row of the route table, and which of its two patterns a path fits. */
export interface FoundRoute {
  route: Route;
  pattern: string;
}

/** Made as the app makes its own, so that both find the same row for every path. */
const table = new SmartRouter<FoundRoute>({ routers: [new RegExpRouter(), new TrieRouter()] });
for (const route of ROUTES) {
  for (const pattern of patternsOf(route)) table.add("ALL", pattern, { route, pattern });
}

/** A path, and everything below it. */
export function patternsOf({ path }: Route): string[] {
  return [path, `${path}/*`];
}

/** The row for a path, null for a path that is in none. */
export function findRoute(path: string): FoundRoute | null {
  const [[first]] = table.match("ALL", path);
  return first?.[0] ?? null;
}
