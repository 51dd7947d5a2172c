import { join } from "node:path";

/** Two copies of the product that run side by side must not find each other's Workers in wrangler's registry. */
const { WRANGLER_REGISTRY_PATH, VITEST_POOL_ID = "1" } = process.env;
if (WRANGLER_REGISTRY_PATH !== undefined) {
  process.env.WRANGLER_REGISTRY_PATH = join(WRANGLER_REGISTRY_PATH, `side-${VITEST_POOL_ID}`);
}
