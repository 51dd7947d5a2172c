import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const WORKERS = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];
const RUNTIME_PACKAGES = ["hono", "jose", "drizzle-orm", "zod", "@jsquash/resize", "@jsquash/jpeg", "@jsquash/webp"];
const WRANGLER = "node_modules/wrangler/bin/wrangler.js";

const run = promisify(execFile);
const out = mkdtempSync(join(tmpdir(), "halftone-bundles-"));
/** The source files of each Worker's bundle, as the bundler names them. */
const inputs = new Map<string, string[]>();

async function bundle(worker: string): Promise<void> {
  const config = worker === "gateway" ? "wrangler.toml" : `workers/${worker}/wrangler.toml`;
  const metafile = join(out, `${worker}.json`);
  const args = ["deploy", "-c", config, "--dry-run", "--outdir", join(out, worker), "--metafile", metafile];
  await run(process.execPath, [WRANGLER, ...args], { env: { ...process.env, CI: "1" } });
  inputs.set(worker, Object.keys(JSON.parse(readFileSync(metafile, "utf8")).inputs));
}

beforeAll(async () => {
  // Two at a time: each of them keeps one core busy.
  const waiting = [...WORKERS];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await bundle(next);
  };
  await Promise.all([lane(), lane()]);
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

test.each(RUNTIME_PACKAGES)("%s is in a bundle that is shipped", (name) => {
  const shipped = [...inputs.values()].flat();
  expect(shipped.filter((file) => file.includes(`node_modules/${name}/`)).length).toBeGreaterThan(0);
});

test("no Worker ships another Worker's source", () => {
  for (const [worker, files] of inputs) {
    const foreign = files.filter((file) => /workers\/\w+\/src/.test(file) && !file.includes(`workers/${worker}/src`));
    expect(foreign).toEqual([]);
  }
});
