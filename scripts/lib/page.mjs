// Builds the web page into frontend/dist when its sources have changed.

import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./command.mjs";
import { filesBelow, pinnedNode, root } from "./paths.mjs";
import { digestOf, onceFor } from "./stamp.mjs";
import { runTool } from "./wrangler.mjs";

/** The page imports the contracts; the lockfile stands for the versions of React and Vite. */
const sources = ["frontend", "shared/contracts"];
/** Every running copy serves the same page, so its stamp lies beside no copy's data. */
const stamps = join(root, ".cache/page");

/** @throws {Stop} with Vite's own words when the page does not build */
export async function buildPage() {
  const files = sources.flatMap((folder) => filesBelow(join(root, folder)));
  const digest = digestOf([...files, join(root, "package-lock.json")]);
  const isBuilt = existsSync(join(root, "frontend/dist/index.html"));
  if (!isBuilt) rmSync(stamps, { recursive: true, force: true });
  await onceFor(stamps, "digest", digest, async () => {
    console.log("Building the web page …");
    const vite = join(root, "node_modules/vite/bin/vite.js");
    const result = await runTool(pinnedNode, [vite, "build", join(root, "frontend"), "--logLevel", "warn"]);
    if (result.code === 0) return;
    throw new Stop(`The web page does not build:\n${result.stderr.trim() || result.stdout.trim()}`);
  });
}
