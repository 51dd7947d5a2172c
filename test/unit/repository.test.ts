import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const WORKERS = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];
const SERVICES_WITH_DATABASE = ["audit", "auth", "images", "orders", "webhooks"];

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function foldersIn(path: string): string[] {
  const entries = readdirSync(join(ROOT, path), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function tomlOf(worker: string): string {
  return read(worker === "gateway" ? "wrangler.toml" : `workers/${worker}/wrangler.toml`);
}

/** Made by installing, building or running; git ignores them. */
const MADE = ["node_modules", "out", "coverage"];

describe("the repository", () => {
  test("has the rooms that its readers expect at the top, and no others", () => {
    const folders = foldersIn("").filter((name) => !name.startsWith(".") && !MADE.includes(name));
    expect(folders.sort()).toEqual(["docs", "frontend", "migrations", "scripts", "shared", "test", "workers"]);
    const files = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => entry.name);
    const config = ["biome.json", "bunfig.toml", "deno.json", "tsconfig.json", "vitest.config.ts", "package-lock.json"];
    const expected = ["LICENSE", "README.md", "package.json", "wrangler.toml", ...config];
    expect(files.sort()).toEqual(expected.sort());
  });

  test("has seven Workers and one database for each service that keeps rows", () => {
    expect(foldersIn("workers").sort()).toEqual([...WORKERS].sort());
    expect(foldersIn("migrations").sort()).toEqual(SERVICES_WITH_DATABASE);
  });

  test.each(["docs/decisions", ...SERVICES_WITH_DATABASE.map((service) => `migrations/${service}`)])(
    "numbers what is in %s from 1 on, with no number twice",
    (folder) => {
      const names = readdirSync(join(ROOT, folder)).sort();
      expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, i) => i + 1));
    },
  );

  test("titles every decision with the number of its file", () => {
    for (const name of readdirSync(join(ROOT, "docs/decisions"))) {
      expect(read(`docs/decisions/${name}`)).toMatch(new RegExp(`^# ${Number(name.slice(0, 4))}\\. `));
    }
  });

  test("explains every Worker in its own README", () => {
    for (const worker of WORKERS) expect(read(`workers/${worker}/README.md`).length).toBeGreaterThan(400);
  });

  test("pins every package exactly", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json"));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(`${name} ${version}`).toMatch(/^\S+ (npm:@?[\w/-]+@)?\d+\.\d+\.\d+$/);
    }
  });

  test("uses the packages it is built on", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json"));
    const installed = Object.keys({ ...dependencies, ...devDependencies });
    expect(installed).toEqual(
      expect.arrayContaining([
        "hono",
        "jose",
        "@cloudflare/workers-types",
        "wrangler",
        "drizzle-orm",
        "@cloudflare/vitest-pool-workers",
        "@jsquash/resize",
        "@jsquash/jpeg",
        "@jsquash/webp",
        "zod",
      ]),
    );
  });

  test("runs every Worker with one compatibility date", () => {
    const dates = WORKERS.map((worker) => /compatibility_date = "(.*)"/.exec(tomlOf(worker))?.[1]);
    expect(new Set(dates).size).toBe(1);
  });

  test("keeps every Worker but the gateway off the public net", () => {
    for (const worker of WORKERS.filter((name) => name !== "gateway")) {
      expect(tomlOf(worker)).toContain("workers_dev = false");
      expect(tomlOf(worker)).not.toMatch(/^routes?\b/m);
    }
  });

  test("observes every Worker in the same way, without the query strings, which carry signatures", () => {
    const blocks = WORKERS.map(
      (worker) => /\[observability\][\s\S]*?sampling_rate[\s\S]*?sampling_rate.*/.exec(tomlOf(worker))?.[0],
    );
    expect(new Set(blocks).size).toBe(1);
    expect(blocks[0]).toContain("redact_query_string = true");
    expect(blocks[0]).toMatch(/\[observability\.logs\]\nenabled = true\nhead_sampling_rate = 1\n/);
    expect(blocks[0]).toMatch(/\[observability\.traces\]\nenabled = true\nhead_sampling_rate = 0\.\d+/);
  });

  test("writes log lines in one place, which honours LOG_LEVEL", () => {
    const sources = ["workers", "shared"].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
    );
    const writers = sources.filter((path) => path.endsWith(".ts") && /\bconsole\./.test(read(path)));
    expect(writers).toEqual(["shared/log.ts"]);
  });

  test("lets a cache stand in front of the bytes alone, which have checked nobody", () => {
    for (const worker of WORKERS.filter((name) => name !== "images")) expect(tomlOf(worker)).not.toContain("[cache]");
    const exported = [...tomlOf("images").matchAll(/\[exports\.(\w+)\]\s+type = "worker"\s+cache = (.*)/g)];
    expect(exported.map(([, name, cache]) => [name, cache])).toEqual([
      ["default", "{ enabled = false }"],
      ["Delivery", "{ enabled = true }"],
    ]);
    expect(WORKERS.filter((worker) => tomlOf(worker).includes('entrypoint = "Delivery"'))).toEqual([]);
  });

  test("binds the Workers as a tree, so that a first deploy finds every target", () => {
    const callees = new Map(
      WORKERS.map((worker) => {
        const bound = [...tomlOf(worker).matchAll(/service = "halftone-(\w+)"/g)].map((match) => match[1] ?? "");
        return [worker, new Set(bound)];
      }),
    );
    const reaches = (from: string, to: string): boolean =>
      [...(callees.get(from) ?? [])].some((callee) => callee === to || reaches(callee, to));
    for (const worker of WORKERS) expect(`${worker} reaches itself: ${reaches(worker, worker)}`).toContain("false");
  });
});
