// npm run check: format, lint with the rules of who may import whom, and strict types.

import { join } from "node:path";
import { runCommand, Stop } from "./lib/command.mjs";
import { installPackages } from "./lib/install.mjs";
import { pinnedNode, root } from "./lib/paths.mjs";
import { checkTypes } from "./lib/types.mjs";
import { runTool } from "./lib/wrangler.mjs";

await runCommand(async () => {
  installPackages();
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const result = await runTool(pinnedNode, [biome, "check", "--error-on-warnings", "."]);
  if (result.code !== 0) throw new Stop(`${result.stdout.trim()}\n${result.stderr.trim()}`);
  await checkTypes();
  console.log("Format, lint and types are in order.");
  return 0;
});
