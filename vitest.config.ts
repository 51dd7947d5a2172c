import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { neighboursOf } from "./test/worker/peers.ts";
import { serveSharp } from "./test/worker/resizer/sharp-service.ts";
import { testKeys } from "./test/worker/test-keys.ts";

const WORKERS = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];

const keys = await testKeys();

/** One Worker in workerd with its real D1, R2 and Durable Objects; its neighbours are stubs. */
function workerProject(name: string, project = name): TestProjectConfiguration {
  const plugin = cloudflareTest(async () => ({
    wrangler: { configPath: name === "gateway" ? "./wrangler.toml" : `./workers/${name}/wrangler.toml` },
    miniflare: {
      bindings: {
        TEST_PRIVATE_JWK: keys.privateJwk,
        LOG_LEVEL: "error",
        PASSWORD_BLOCKLIST: "warn",
        MIGRATIONS: await readD1Migrations(`migrations/${name}`).catch(() => []),
        JWT_SECRET: "0123456789abcdef0123456789abcdef-jwt",
        JWT_REFRESH_SECRET: "0123456789abcdef0123456789abcdef-refresh",
        SIGNING_SECRET: "0123456789abcdef0123456789abcdef-signing",
      },
      ...(name === "resizer" && { serviceBindings: { SHARP: serveSharp } }),
      workers: neighboursOf(name, WORKERS, keys.jwks),
    },
  }));
  return {
    plugins: [plugin],
    test: { name: project, include: [`test/worker/${project}/**/*.test.ts`], setupFiles: ["test/worker/setup.ts"] },
  };
}

const TWO_MINUTES_MS = 120_000;

function nodeProject(name: string): TestProjectConfiguration {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      setupFiles: name === "system" ? ["test/system/support/hold-to-contract.ts"] : [],
      fileParallelism: false,
      testTimeout: TWO_MINUTES_MS,
      hookTimeout: TWO_MINUTES_MS,
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      ...WORKERS.map((name) => workerProject(name)),
      workerProject("resizer", "resizer-long"),
      nodeProject("system"),
      nodeProject("browser"),
      nodeProject("long"),
    ],
  },
});
