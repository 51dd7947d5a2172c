import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "./support/free-port.ts";

const ROOT = join(import.meta.dirname, "../..");
const STARTED_WITHIN_MS = 90_000;

function isInstalled(tool: string): boolean {
  const found = spawnSync(tool, ["--version"]).status === 0;
  if (!found) console.warn(`NOT TRIED: ${tool} is not on PATH, so nothing is said about running with it.`);
  return found;
}

/** Starts the product with another tool, asks for its health, and ends it as Ctrl-C would. */
async function startAndStop(tool: string, args: string[]) {
  const home = mkdtempSync(join(tmpdir(), "halftone-runtime-"));
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HALFTONE_STATE: home };
  // Its own process group, so that the signal reaches everything in it, as in a terminal.
  const child = spawn(tool, args, { cwd: ROOT, env, detached: true, stdio: "ignore" });
  const exitCode = new Promise<number | null>((resolve) => child.on("exit", resolve));
  try {
    const health = () => fetch(`http://localhost:${port}/health`).then((answer) => answer.status, String);
    await expect.poll(health, { timeout: STARTED_WITHIN_MS, interval: 500 }).toBe(200);
  } finally {
    process.kill(-child.pid!, "SIGINT");
    await exitCode;
    rmSync(home, { recursive: true, force: true });
  }
  await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow();
}

describe.runIf(isInstalled("bun"))("with Bun", () => {
  test("bun run start brings up the whole system, and Ctrl-C ends it", () => startAndStop("bun", ["run", "start"]));

  test("bun test passes the unit tests", () => {
    const run = spawnSync("bun", ["test"], { cwd: ROOT, encoding: "utf8" });
    expect(run.status, run.stderr).toBe(0);
  });
});

describe.runIf(isInstalled("deno"))("with Deno", () => {
  test("deno task start brings up the whole system, and Ctrl-C ends it", () => startAndStop("deno", ["task", "start"]));

  test("deno task test passes the unit tests", () => {
    const run = spawnSync("deno", ["task", "test"], { cwd: ROOT, encoding: "utf8" });
    expect(run.status, run.stdout).toBe(0);
  });
});

test("the pinned Node runs these tests", () => {
  expect(process.versions.node).toMatch(/^24\./);
});
