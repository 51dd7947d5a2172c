import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditEntry } from "../../shared/contracts/audit.ts";
import { expectMainJobWorks } from "./support/main-job.ts";
import { type Product, startProduct } from "./support/product.ts";

let product: Product;

beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

test("a 12-megapixel photo becomes every size, and the log tells of it", async () => {
  const client = await expectMainJobWorks(product.url);
  await expect
    .poll(
      async () => {
        const log = await client.json<AuditEntry[]>("/api/audit/logs");
        return log.map((entry) => entry.action).sort();
      },
      { timeout: 20_000, interval: 250 },
    )
    .toEqual(["IMAGE_PROCESSED", "IMAGE_UPLOAD", "USER_LOGIN", "USER_REGISTER"]);
});
