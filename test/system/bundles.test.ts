import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";

const WORKERS = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];
/** How each package shows in a bundle: by its source files, or by a WebAssembly module beside the script. */
const RUNTIME_PACKAGES = [
  ["hono", "node_modules/hono/"],
  ["jose", "node_modules/jose/"],
  ["drizzle-orm", "node_modules/drizzle-orm/"],
  ["zod", "node_modules/zod/"],
  ["@jsquash/jpeg", "node_modules/@jsquash/jpeg/"],
  ["@jsquash/webp", "node_modules/@jsquash/webp/"],
  ["@jsquash/resize", "squoosh_resize_bg.wasm"],
];
/** Script and WebAssembly with gzip. Four fifths of it are the codecs. */
const RESIZER_MAX_BYTES = 370_000;
const RESIZER_SCRIPT_MAX_BYTES = 80_000;
const WRANGLER = "node_modules/wrangler/bin/wrangler.js";

const run = promisify(execFile);
const out = mkdtempSync(join(tmpdir(), "halftone-bundles-"));
/** The source files of each Worker's bundle, as the bundler names them. */
const inputs = new Map<string, string[]>();
/** The files of all bundles that would be uploaded. */
const uploaded: string[] = [];

async function bundle(worker: string): Promise<void> {
  const config = worker === "gateway" ? "wrangler.toml" : `workers/${worker}/wrangler.toml`;
  const metafile = join(out, `${worker}.json`);
  const args = ["deploy", "-c", config, "--dry-run", "--outdir", join(out, worker), "--metafile", metafile];
  await run(process.execPath, [WRANGLER, ...args], { env: { ...process.env, CI: "1" } });
  inputs.set(worker, Object.keys(JSON.parse(readFileSync(metafile, "utf8")).inputs));
  uploaded.push(...readdirSync(join(out, worker)));
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

test.each(RUNTIME_PACKAGES)("%s is in a bundle that is shipped", (_name, sign) => {
  const shipped = [...[...inputs.values()].flat(), ...uploaded];
  expect(shipped.filter((file) => file.includes(sign ?? "")).length).toBeGreaterThan(0);
});

test("no Worker ships another Worker's source", () => {
  for (const [worker, files] of inputs) {
    const foreign = files.filter((file) => /workers\/\w+\/src/.test(file) && !file.includes(`workers/${worker}/src`));
    expect(foreign).toEqual([]);
  }
});

test("the resizer stays small: it starts anew for every isolate", () => {
  const folder = join(out, "resizer");
  const zippedBytes = (name: string) => gzipSync(readFileSync(join(folder, name))).length;
  const modules = readdirSync(folder).filter((name) => /\.(js|wasm)$/.test(name));
  expect(zippedBytes("index.js")).toBeLessThan(RESIZER_SCRIPT_MAX_BYTES);
  expect(modules.map(zippedBytes).reduce((sum, bytes) => sum + bytes)).toBeLessThan(RESIZER_MAX_BYTES);
});
