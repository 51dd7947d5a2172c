// The Workers as they would be deployed: each with all that it imports in one script.

import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow, manifestOf, root, services } from "./paths.mjs";
import { digestOf } from "./stamp.mjs";
import { mustRunWrangler } from "./wrangler.mjs";

/** Each bundling keeps a core busy. */
const AT_ONCE = 2;
/** What a Worker can import; the lockfile stands for the packages. */
const sources = ["workers", "shared"];
/** Stands before each bundle that is run from here. */
const main = fileURLToPath(new URL("bundle-main.js", import.meta.url));
const kept = join(root, ".cache/bundles");
/** A copy that runs from older bundles than these has been forgotten. */
const KEPT_MS = 24 * 60 * 60_000;

/**
 * @param {string} folder gets a folder of each Worker
 * @param {(service: string, said: string) => void} [onBundled] is told what wrangler said
 */
export async function bundleAll(folder, onBundled = () => {}) {
  const waiting = [...services];
  const lane = async () => {
    for (let service = waiting.shift(); service !== undefined; service = waiting.shift()) {
      const args = ["deploy", "--dry-run", "-c", manifestOf(service), "--outdir", join(folder, service)];
      const { stdout } = await mustRunWrangler(args, `build ${service}`);
      onBundled(service, stdout);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/**
 * The bundles of the sources as they are, made once. The files of tests start some thirty copies of the product, and
 * bundling is a third of what a start costs.
 * @returns {Promise<string>} the folder with a folder of each Worker
 */
export async function keptBundles() {
  const files = sources.flatMap((folder) => filesBelow(join(root, folder)));
  const digest = digestOf([...files, main, manifestOf("gateway"), join(root, "package-lock.json")]);
  const folder = join(kept, digest.slice(0, 16));
  if (existsSync(folder)) return folder;
  forgetOld();
  const unfinished = `${folder}.${process.pid}`;
  await bundleAll(unfinished);
  for (const service of services) copyFileSync(main, join(unfinished, service, "main.js"));
  // Two commands may bundle at once; the bundles are the same, so the later one gives way.
  if (existsSync(folder)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, folder);
  return folder;
}

function forgetOld() {
  mkdirSync(kept, { recursive: true });
  for (const name of readdirSync(kept)) {
    const folder = join(kept, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}
