// npm test: everything, or the parts that are named (npm test -- unit worker). Ends with `N passed, N failed`.

import { keptBundles } from "./lib/bundles.mjs";
import { runCommand, Stop } from "./lib/command.mjs";
import { layoutOf, services } from "./lib/paths.mjs";
import { setUp } from "./lib/setup.mjs";
import { runConformance } from "./lib/test-conformance.mjs";
import { runVitest } from "./lib/test-vitest.mjs";

/** The parts that Vitest runs, each with its projects; one project per Worker. */
const vitestParts = {
  unit: ["unit"],
  worker: services,
  system: ["system", "timed"],
  browser: ["browser"],
  long: ["long", "resizer-long"],
};
const parts = [...Object.keys(vitestParts), "conformance"];
/** What mostly waits, for pages and for answers, comes last, side by side. */
const waiting = ["browser", "conformance"];
/** Minutes of waiting and of measuring: run when they are named. */
const onRequest = ["long"];
/** These start no copy of the product. */
const withoutCopies = ["unit", "worker"];

await runCommand(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((part) => !parts.includes(part));
  if (unknown !== undefined) throw new Stop(`There are no ${unknown} tests: choose among ${parts.join(", ")}.`);
  const everyday = parts.filter((part) => !onRequest.includes(part));
  const chosen = wanted.length === 0 ? everyday : parts.filter((part) => wanted.includes(part));
  await setUp(layoutOf());
  // Now, because several files would begin to bundle at the same moment.
  if (chosen.some((part) => !withoutCopies.includes(part))) await keptBundles();

  const results = [];
  const skipped = [];
  const runnable = [];
  for (const part of chosen) {
    if (part === "browser" && !(await browserIsReady())) skipped.push(part);
    else runnable.push(part);
  }
  if (skipped.length > 0 && process.env.CI) results.push({ passed: 0, failed: 1 });

  const first = runnable.filter((part) => !waiting.includes(part)).flatMap((part) => vitestParts[part]);
  if (first.length > 0) results.push(await runVitest(first));
  const last = [];
  if (runnable.includes("browser")) last.push(runVitest(vitestParts.browser));
  if (runnable.includes("conformance")) last.push(runConformance());
  results.push(...(await Promise.all(last)));

  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  for (const part of skipped) console.log(`SKIPPED: ${part} tests, because there is no browser.`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
});

async function browserIsReady() {
  // Imported late: it needs packages that setUp has just installed.
  const { installBrowser } = await import("./browser.mjs");
  try {
    await installBrowser();
    return true;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(`SKIPPED: browser tests. ${error.message}`);
    return false;
  }
}
