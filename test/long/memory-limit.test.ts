import { afterAll, beforeAll, expect, test } from "vitest";
import { Client } from "../system/support/client.ts";
import { makePhoto, PHONE_PHOTO } from "../system/support/photo.ts";
import { type SplitProduct, startSplitProduct } from "../system/support/split-product.ts";

/** WebAssembly pages of 64 KiB that one memory may have, 12.5 MiB: less than any codec needs for a photo. */
const FAR_TOO_LITTLE = "--wasm-max-mem-pages=200";
/** Several attempts with pauses between them, then the end. */
const SETTLED_WITHIN_MS = 110_000;

let product: SplitProduct;
beforeAll(async () => {
  product = await startSplitProduct(FAR_TOO_LITTLE);
});
afterAll(() => product.close());

test("with far too little memory a photo fails with a reason a person can read, and the product lives on", async () => {
  const client = await Client.signUp(product.url);
  const { id } = await client.uploadPhoto(await makePhoto(PHONE_PHOTO));
  const settled = await client.settled(id, SETTLED_WITHIN_MS);
  expect(settled.status).toBe("failed");
  expect(settled.errorMessage).toMatch(/^\p{Lu}.+\.$/u);
  expect((await client.fetch("/api/images")).status).toBe(200);
});
