// What a signed link costs: the product's own maker of links in a Worker that does nothing else.

import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { root } from "../../../scripts/lib/paths.mjs";
import { compareLoads } from "./load.mjs";
import { processMeter } from "./process-meter.mjs";
import { workerdBelow } from "./workerd-processes.mjs";

const MAKER = join(root, "workers/images/src/delivery/links.ts");
const WORKER = join(import.meta.dirname, "signing-worker.mjs");
/** A page of a gallery: a hundred photos in five sizes. */
const LINKS = 500;
const REQUESTS = 200;
const COMPATIBILITY_DATE = "2026-09-18";

/** @returns {Promise<{ links: number, microseconds: number }>} CPU for each link, by how much many cost more than none */
export async function measureSigning({ rounds }) {
  const before = new Set(workerdBelow(process.pid));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      workers: [
        {
          name: "signing",
          modulesRoot: root,
          modules: [{ type: "ESModule", path: WORKER, contents: readFileSync(WORKER) }, ...modulesFrom(MAKER)],
          compatibilityDate: COMPATIBILITY_DATE,
          unsafeDirectSockets: [{ host: "127.0.0.1" }],
        },
      ],
    }),
  );
  try {
    await miniflare.ready;
    const { origin } = await miniflare.unsafeGetDirectURL("signing");
    const pid = workerdBelow(process.pid).find((candidate) => !before.has(candidate));
    const sides = { none: { url: `${origin}/?links=0` }, many: { url: `${origin}/?links=${LINKS}` } };
    const { none, many } = await compareLoads(sides, { meter: processMeter(pid), rounds, requests: REQUESTS });
    return { links: LINKS, microseconds: ((many.cpuMs - none.cpuMs) * 1_000) / LINKS };
  } finally {
    await miniflare.dispose();
  }
}

/** A module and all that it imports, as JavaScript. */
function modulesFrom(first) {
  const found = new Map();
  const add = (path) => {
    if (found.has(path)) return;
    const contents = stripTypeScriptTypes(readFileSync(path, "utf8"));
    found.set(path, { type: "ESModule", path, contents });
    for (const [, imported] of contents.matchAll(/from "(\.[^"]+)"/g)) add(join(dirname(path), imported));
  };
  add(first);
  return [...found.values()];
}
