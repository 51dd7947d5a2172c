// npm run setup: what the first `npm start` does before it starts anything.

import { runCommand } from "./lib/command.mjs";
import { layoutOf } from "./lib/paths.mjs";
import { setUp } from "./lib/setup.mjs";

await runCommand(async () => {
  await setUp(layoutOf());
  console.log("Everything is installed and prepared.");
  return 0;
});
