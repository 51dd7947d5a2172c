// The gateway and the services behind it as they would be deployed, in one workerd, with a socket for each: what
// `wrangler dev` and its entry Worker add would be measured with them otherwise.

import { copyFileSync, cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { extname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { keptBundles } from "../../../scripts/lib/bundles.mjs";
import { writeConfig } from "../../../scripts/lib/config.mjs";
import { migrate } from "../../../scripts/lib/migrate.mjs";
import { buildPage } from "../../../scripts/lib/page.mjs";
import { layoutOf, services } from "../../../scripts/lib/paths.mjs";
import { readLocalSettings } from "../../../scripts/lib/read-settings.mjs";
import { makeSecrets } from "../../../scripts/lib/secrets.mjs";
import { processMeter } from "./process-meter.mjs";
import { workerdBelow } from "./workerd-processes.mjs";

const COMPATIBILITY_DATE = "2026-09-18";
/** The others only have to be there: none of their routes is measured. */
const MEASURED = ["gateway", "auth", "images", "orders"];
const NOBODY = "export default { fetch: () => new Response(null, { status: 404 }), queue() {} };";
const SHIELDED = "shielded-gateway.mjs";
const RELAYS_REST = "3600000";

/**
 * @param {object} options
 * @param {string} options.folder where bundles and data lie
 * @param {Record<string, string>} options.vars settings
 * @param {string[]} [options.measured] the services that really run
 * @param {Record<string, { script: string, bindings: (built: object[]) => object }>} [options.beside] further Workers by
 *   name, each with what it has of the services' storage
 */
export async function startGateway({ folder, vars, measured = MEASURED, beside = {} }) {
  const layout = layoutOf(folder);
  makeSecrets();
  await migrate(layout);
  // The gateway's bundle holds the page.
  await buildPage();
  const settings = readLocalSettings({ OUTBOX_LEASE_MS: RELAYS_REST, JOB_LEASE_MS: RELAYS_REST, ...vars });
  const built = [];
  for (const service of measured) built.push(await workerOf(service, layout, settings));
  const stubs = services
    .filter((service) => !measured.includes(service))
    .map((service) => stubOf(`halftone-${service}`, NOBODY));
  const { r2Buckets } = built.find(({ name }) => name === "halftone-images");
  const script = readFileSync(join(import.meta.dirname, "null-worker.mjs"), "utf8");
  const nullWorker = { ...stubOf("null", script), r2Buckets };
  const others = Object.entries(beside).map(([name, { script, bindings }]) => ({
    ...stubOf(name, readFileSync(join(import.meta.dirname, script), "utf8")),
    ...bindings(built),
  }));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [...built, ...stubs, nullWorker, ...others],
      resourcePersistencePath: join(layout.state, "v3"),
      // What the Workers log is written, but nobody reads it.
      handleStructuredLogs: () => {},
    }),
  );
  await miniflare.ready;
  const [pid] = workerdBelow(process.pid);
  if (pid === undefined) throw new Error("workerd did not start.");
  const addressOf = async (name) => (await miniflare.unsafeGetDirectURL(name)).origin;
  return {
    meter: processMeter(pid),
    service: (name) => addressOf(`halftone-${name}`),
    nullWorker: () => addressOf("null"),
    beside: addressOf,
    database: (name) => miniflare.getD1Database("DB", `halftone-${name}`),
    stop: () => miniflare.dispose(),
  };
}

async function workerOf(service, layout, settings) {
  const folder = join(layout.home, "built", service);
  // Modules are named by their content, so an older build's would be taken too.
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(await keptBundles(), service), folder, { recursive: true });
  if (service === "gateway") copyFileSync(join(import.meta.dirname, SHIELDED), join(folder, SHIELDED));
  const { workerOptions } = unstable_getMiniflareWorkerOptions(writeConfig(service, layout.config, settings));
  // Files of the page would put a Worker of wrangler's own in front of the gateway.
  const { assets: _, ...options } = workerOptions;
  return {
    ...options,
    name: `halftone-${service}`,
    modulesRoot: folder,
    modules: modulesIn(folder, service === "gateway" ? SHIELDED : "index.js"),
    unsafeDirectSockets: [{ host: "127.0.0.1" }],
  };
}

/** What a bundle holds, by the ending of its name. */
const MODULE_TYPES = {
  ".js": "ESModule",
  ".mjs": "ESModule",
  ".wasm": "CompiledWasm",
  ".bin": "Data",
  ".proto": "Text",
};

/** The bundle's modules, the one that starts first. */
function modulesIn(folder, first) {
  const names = readdirSync(folder).filter((name) => name !== first && extname(name) in MODULE_TYPES);
  return [first, ...names].map((name) => ({ type: MODULE_TYPES[extname(name)], path: join(folder, name) }));
}

function stubOf(name, script) {
  const unsafeDirectSockets = [{ host: "127.0.0.1" }];
  return { name, modules: true, compatibilityDate: COMPATIBILITY_DATE, script, unsafeDirectSockets };
}
