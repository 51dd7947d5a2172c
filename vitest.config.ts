import { availableParallelism } from "node:os";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { SlowFirst } from "./test/slow-first.ts";
import { packagesOf } from "./test/worker/packages.ts";
import { neighboursOf } from "./test/worker/peers.ts";
import { serveSharp } from "./test/worker/resizer/sharp-service.ts";
import { testKeys } from "./test/worker/test-keys.ts";

/** Files of tests at a time. Left to itself Vitest keeps one core free, which is half of the smallest machine. */
const AT_ONCE = Math.max(2, availableParallelism() - 1);

const WORKERS = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];

const keys = await testKeys();

/** A file's first test waits for its Worker to start, and some send bursts: on two busy cores 5 s are too few. */
const HALF_A_MINUTE_MS = 30_000;

/** What only computes comes to its end; a busy machine takes ten times as long for it. */
const TWO_MINUTES_MS = 120_000;

/** How long a condition may take to come true, where a test does not say. */
const POLL_MS = 10_000;

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
        ...(name === "webhooks" && { WEBHOOK_ALLOW_LOCAL: "true" }),
        WEBHOOK_SEAL_SECRET: "0123456789abcdef0123456789abcdef-webhooks",
        SIGNING_SECRET: "0123456789abcdef0123456789abcdef-signing",
      },
      ...(name === "resizer" && { serviceBindings: { SHARP: serveSharp } }),
      workers: neighboursOf(name, WORKERS, keys.jwks),
    },
  }));
  return {
    plugins: [plugin],
    test: {
      name: project,
      include: [`test/worker/${project}/**/*.test.ts`],
      // One runtime for the files of a Worker: setup.ts sees to it that each begins as if it were alone.
      isolate: false,
      setupFiles: ["test/worker/setup.ts"],
      deps: { optimizer: { ssr: { enabled: true, include: packagesOf(name) } } },
      testTimeout: HALF_A_MINUTE_MS,
      expect: { poll: { timeout: POLL_MS } },
      ...(name === "webhooks" && { globalSetup: "test/worker/webhooks/receiver.ts" }),
    },
  };
}

/** Plain functions that remember next to nothing: a process for each file would cost as much as many of the tests. */
function unitProject(): TestProjectConfiguration {
  const include = ["test/unit/**/*.test.ts"];
  return { test: { name: "unit", include, isolate: false, testTimeout: TWO_MINUTES_MS } };
}

/** Files of tests that use one running copy of the product between them. */
const SHARED_PRODUCT = "test/system/support/share-product.ts";

/** Most of a system test is waiting for processes to start and to stop. Where times are promised, they are in `timed`. */
const SIDE_BY_SIDE = {
  maxWorkers: AT_ONCE,
  globalSetup: SHARED_PRODUCT,
  setupFiles: ["test/system/support/own-registry.ts", "test/system/support/hold-to-contract.ts"],
};
/** One after the other, behind the tests of single Workers. */
const GROUPS = ["system", "timed", "browser", "long"];

/** A hook may start a copy of the product, and the first to do so may have to prepare databases and page. */
const FIVE_MINUTES_MS = 300_000;

function nodeProject(name: string): TestProjectConfiguration {
  return {
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      ...(name === "system" ? SIDE_BY_SIDE : { fileParallelism: false }),
      ...(name === "browser" && { globalSetup: SHARED_PRODUCT }),
      expect: { poll: { timeout: POLL_MS } },
      sequence: { groupOrder: GROUPS.indexOf(name) + 1 },
      testTimeout: TWO_MINUTES_MS,
      hookTimeout: FIVE_MINUTES_MS,
    },
  };
}

export default defineConfig({
  test: {
    maxWorkers: AT_ONCE,
    sequence: { sequencer: SlowFirst },
    projects: [
      unitProject(),
      ...WORKERS.map((name) => workerProject(name)),
      workerProject("resizer", "resizer-long"),
      nodeProject("system"),
      nodeProject("timed"),
      nodeProject("browser"),
      nodeProject("long"),
    ],
  },
});
