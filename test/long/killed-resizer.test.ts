import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobView } from "../../shared/contracts/images.ts";
import { Client } from "../system/support/client.ts";
import { makePhoto, PHONE_PHOTO } from "../system/support/photo.ts";
import { type SplitProduct, startSplitProduct } from "../system/support/split-product.ts";

/** 48 megapixels, as phones' main cameras make them. */
const LARGE_PHOTO = { width: 8064, height: 6048 };
/** A cut attempt's lease must run out before the job is given to another. */
const SETTLED_WITHIN_MS = 100_000;

let product: SplitProduct;
let client: Client;

beforeAll(async () => {
  product = await startSplitProduct();
  client = await Client.signUp(product.url);
});
afterAll(() => product.close());

test("a 48-megapixel photo becomes complete", async () => {
  const { id } = await client.uploadPhoto(await makePhoto(LARGE_PHOTO));
  expect(await client.settled(id)).toMatchObject({ status: "complete", errorMessage: null });
  const { sizes } = await client.details(id);
  expect(sizes.large).toMatchObject({ width: 1920, height: 1440 });
  expect(sizes.original).toMatchObject(LARGE_PHOTO);
});

test("a job that is cut in its middle is done again when the resizer is back", async () => {
  const { id, jobId } = await client.uploadPhoto(await makePhoto(PHONE_PHOTO, 9));
  const job = () => client.json<JobView>(`/api/jobs/${jobId}`);
  await expect.poll(async () => (await job()).status, { timeout: 20_000, interval: 5 }).toBe("processing");
  await product.killResizer();
  expect((await client.details(id)).status).toBe("processing");

  await product.startResizer();
  expect(await client.settled(id, SETTLED_WITHIN_MS)).toMatchObject({ status: "complete", errorMessage: null });
  expect((await job()).attempts).toBeGreaterThan(1);
});
