// What a fresh clone needs before anything can run; every step is skipped when its work is done.

import { installPackages } from "./install.mjs";
import { migrate } from "./migrate.mjs";
import { buildPage } from "./page.mjs";
import { makeSecrets } from "./secrets.mjs";

/** @param {ReturnType<import("./paths.mjs").layoutOf>} layout the copy that is going to run */
export async function setUp(layout) {
  installPackages();
  makeSecrets();
  await buildPage();
  await migrate(layout);
}
