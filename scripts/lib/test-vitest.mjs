// Runs Vitest's projects and counts what its report says.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pinnedNode, root } from "./paths.mjs";
import { toolEnvironment } from "./wrangler.mjs";

/**
 * @param {string[]} projects
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function runVitest(projects) {
  const folder = mkdtempSync(join(tmpdir(), "halftone-tests-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const chosen = projects.flatMap((project) => ["--project", project]);
  // The Workers under test must not meet those of a copy that runs at the same time.
  const environment = toolEnvironment({ registry: join(folder, "registry") });
  // A test that starts a copy of its own names that copy's folder, and may start it by a bare `wrangler dev`.
  delete environment.HALFTONE_STATE;
  delete environment.HALFTONE_COMMAND;
  const code = await vitest(["run", ...chosen, ...reporters], environment);
  const result = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  rmSync(folder, { recursive: true });
  return countsOf(result, code);
}

/** A run can fail without a failed test: a file that does not load, an error outside of any test, no report at all. */
function countsOf(report, code) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + brokenFiles.length;
  return { passed: report.numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed };
}

function vitest(args, env) {
  const script = join(root, "node_modules/vitest/vitest.mjs");
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, [script, ...args], { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
