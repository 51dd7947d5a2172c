// Where things lie: the project's own files, and the folder that holds one running copy's state.

import { existsSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Every Worker by its short name; the gateway first, because it is the one that the world talks to. */
export const services = ["gateway", "auth", "images", "orders", "audit", "webhooks", "resizer"];

/** The ports of `npm run dev:<service>`. */
export const servicePorts = {
  gateway: 8080,
  auth: 8082,
  images: 8083,
  orders: 8084,
  audit: 8085,
  webhooks: 8086,
  resizer: 8087,
};

/** The services that own a D1 database, which are those with a folder of migrations. */
export function servicesWithDatabase() {
  return services.filter((service) => existsSync(join(root, "migrations", service)));
}

/** A Worker's manifest. The gateway's is the root one, so that a bare `wrangler dev` finds it. */
export function manifestOf(service) {
  return service === "gateway" ? join(root, "wrangler.toml") : join(root, "workers", service, "wrangler.toml");
}

/** A Worker's local secrets; wrangler looks for them beside the manifest. */
export function secretsFileOf(service) {
  return join(dirname(manifestOf(service)), ".dev.vars");
}

export function secretsExampleOf(service) {
  return join(root, "workers", service, ".dev.vars.example");
}

/** Node as pinned in package.json; wrangler and vite need it, the commands themselves run on Node 20 too. */
export const pinnedNode = join(root, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");

/** Every file below a folder, sorted, without what the tools make themselves. */
export function filesBelow(folder) {
  const made = new Set(["node_modules", "dist", ".wrangler"]);
  const files = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) files.push(path);
    if (entry.isDirectory() && !made.has(entry.name)) files.push(...filesBelow(path));
  }
  return files.sort();
}

/**
 * The folders of one running copy. Without an argument and without HALFTONE_STATE it is the developer's own copy in
 * `.wrangler`; with one, everything lies below that folder, so that tests can run private copies side by side.
 * @param {string | undefined} state
 */
export function layoutOf(state = process.env.HALFTONE_STATE) {
  const own = state === undefined || state === "";
  const home = own ? join(root, ".wrangler") : resolve(state);
  return {
    home,
    state: own ? join(home, "state") : home,
    // The resizer stores nothing, but two processes must not share one folder of SQLite files.
    resizerState: join(home, "resizer-state"),
    registry: join(home, "registry"),
    logs: join(home, "logs"),
    config: join(home, "config"),
    stamps: join(home, "stamps"),
    running: join(home, "running"),
    admin: join(home, "admin.json"),
  };
}
