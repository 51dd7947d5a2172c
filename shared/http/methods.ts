import type { Env, Hono } from "hono";
import { TrieRouter } from "hono/router/trie-router";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

const tables = new WeakMap<object, TrieRouter<string>>();

/**
 * The methods that a path takes: what a 405 names in its `Allow` header (RFC 9110 §15.5.6).
 * Empty where the app does not know the path at all.
 */
export function allowedMethods<E extends Env>(app: Hono<E>, path: string): string[] {
  const table = tables.get(app) ?? buildTable(app);
  tables.set(app, table);
  return METHODS.filter((method) => table.match(method, path)[0].length > 0);
}

/** A router of the routes alone: the app's own also matches middleware, which knows every path. */
function buildTable<E extends Env>(app: Hono<E>): TrieRouter<string> {
  const table = new TrieRouter<string>();
  for (const route of app.routes) {
    if (route.method !== "ALL") table.add(route.method, route.path, route.method);
  }
  return table;
}
