import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestHarness, type TestHarnessOptions } from "wrangler";
import { keptBundles } from "../../../scripts/lib/bundles.mjs";
import { writeConfig } from "../../../scripts/lib/config.mjs";

const SERVICES = ["auth", "images", "resizer", "orders", "audit", "webhooks"];
const WITH_DATABASE = ["auth", "images", "orders", "audit", "webhooks"];

const SECRETS: Record<string, Record<string, string>> = {
  auth: {
    JWT_SECRET: "system-tests-sign-with-this-0123456789abcdef",
    JWT_REFRESH_SECRET: "system-tests-refresh-with-this-0123456789",
  },
  webhooks: { WEBHOOK_SEAL_SECRET: "system-tests-seal-secrets-with-this-0123" },
  images: { SIGNING_SECRET: "system-tests-sign-urls-with-this-012345" },
};

export interface Product {
  /** Its address, such as http://127.0.0.1:43210. */
  url: string;
  /** Sends a request to one Worker, past the gateway. */
  fetchFrom(worker: string, path: string, init?: { method: string; body: string }): Promise<{ status: number }>;
  close(): Promise<void>;
}

/** What stands between the Workers in a test. */
interface Additions {
  /** The gateway's bindings by name, and the Workers that they lead to in place of the services. */
  gatewayBindings?: Record<string, string>;
  workers?: NonNullable<TestHarnessOptions["workers"]>;
}

/** Starts all seven Workers as their own toml files have them, with empty storage. */
export async function startProduct(
  vars: Record<string, string> = {},
  { gatewayBindings = {}, workers = [] }: Additions = {},
): Promise<Product> {
  const shared = { LOG_LEVEL: "error", RATE_LIMIT: "100000", ...vars };
  const bundles = await keptBundles();
  const configs = mkdtempSync(join(tmpdir(), "halftone-product-"));
  const server = createTestHarness({
    workers: [
      { configPath: writeConfig("gateway", configs, {}, bundles), vars: shared, bindingOverrides: gatewayBindings },
      ...SERVICES.map((name) => ({
        configPath: writeConfig(name, configs, {}, bundles),
        vars: shared,
        ...(SECRETS[name] !== undefined && { secrets: SECRETS[name] }),
      })),
      ...workers,
    ],
  });
  const { url } = await server.listen();
  for (const name of WITH_DATABASE) await server.getWorker(`halftone-${name}`).applyD1Migrations("DB");
  return {
    url: url.origin,
    fetchFrom: (worker, path, init) => server.getWorker(worker).fetch(`http://${worker}.test${path}`, init),
    async close() {
      await server.close();
      rmSync(configs, { recursive: true, force: true });
    },
  };
}
