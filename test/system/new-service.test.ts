import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { copyProject } from "./support/project-copy.ts";

const copy = copyProject();
afterAll(() => copy.remove());

function run(...args: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy.folder, encoding: "utf8" });
  return { code: status, said: stdout + stderr };
}

test("npm run new:service makes a service that keeps the house's rules, type-checks and answers", async () => {
  const made = run("scripts/new-service.mjs", "invoices");
  expect(made).toMatchObject({ code: 0 });
  expect(made.said).toContain("INVOICES_HTTP");
  const files = [...made.said.matchAll(/^ {2}\d\. (\S+\.\w+)/gm)].map(([, file = ""]) => file);
  expect(files).toHaveLength(7);
  expect(files.filter((file) => !existsSync(join(copy.folder, file)))).toEqual([]);
  const biome = join(copy.folder, "node_modules/@biomejs/biome/bin/biome");
  execFileSync(process.execPath, [biome, "check", "--error-on-warnings", "workers/invoices"], { cwd: copy.folder });
  expect(run("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")).toEqual({ code: 0, said: "" });

  const server = createTestHarness({
    workers: ["invoices", "auth"].map((name) => ({
      configPath: join(copy.folder, `workers/${name}/wrangler.toml`),
      vars: { LOG_LEVEL: "error" },
    })),
  });
  try {
    await server.listen();
    expect((await server.fetch("/health")).status).toBe(200);
    expect((await server.fetch("/api/invoices")).status).toBe(401);
    expect((await server.fetch("/openapi.json")).status).toBe(200);
  } finally {
    await server.close();
  }
});

test.each(["", "Invoices", "my-service", "orders"])(
  "npm run new:service refuses the name '%s' in one sentence",
  (name) => {
    const { code, said } = run("scripts/new-service.mjs", name);
    expect(code).toBe(1);
    expect(said.trim().split("\n")).toHaveLength(1);
  },
);
