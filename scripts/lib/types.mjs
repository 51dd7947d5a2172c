// Strict types of everything: each part has its own environment, so each has its own tsconfig.

import { join } from "node:path";
import { Stop } from "./command.mjs";
import { pinnedNode, root } from "./paths.mjs";
import { runTool } from "./wrangler.mjs";

/** Workers and shared code; tests in workerd; tests in Node; the page; the Pages functions. */
const PROJECTS = [".", "test", "test/system", "frontend", "frontend/functions"];

/** @throws {Stop} with the compiler's findings */
export async function checkTypes() {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  for (const project of PROJECTS) {
    const result = await runTool(pinnedNode, [compiler, "-p", join(root, project)]);
    if (result.code !== 0) throw new Stop(`The types of ${project} do not fit:\n${result.stdout.trim()}`);
  }
}
