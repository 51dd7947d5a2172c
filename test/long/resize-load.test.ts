import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobView } from "../../shared/contracts/images.ts";
import { Client } from "../system/support/client.ts";
import { makePhoto, PHONE_PHOTO } from "../system/support/photo.ts";
import { type SplitProduct, startSplitProduct } from "../system/support/split-product.ts";

/** 48 megapixels, as phones' main cameras make them. */
const LARGE_PHOTO = { width: 8064, height: 6048 };
const PHOTOS = 4;
const HEALTH_EVERY_MS = 100;
/** Generous on any machine: what is counted is answers, not their speed. */
const HEALTH_ANSWERS_WITHIN_MS = 10_000;
/** A cut attempt's lease must run out before the job is given to another. */
const SETTLED_WITHIN_MS = 100_000;

let product: SplitProduct;
let client: Client;

beforeAll(async () => {
  product = await startSplitProduct();
  client = await Client.signUp(product.url);
});
afterAll(() => product.close());

/** Asks for the health again and again until it is told to stop. @returns how many answers came, and every failure */
function watchHealth() {
  const watch = { answers: 0, failures: [] as string[], isOver: false };
  const asking = (async () => {
    while (!watch.isOver) {
      await askOnce(watch);
      await new Promise((resolve) => setTimeout(resolve, HEALTH_EVERY_MS));
    }
  })();
  return async () => {
    watch.isOver = true;
    await asking;
    return watch;
  };
}

async function askOnce(watch: { answers: number; failures: string[] }): Promise<void> {
  try {
    const answer = await fetch(`${product.url}/health`, { signal: AbortSignal.timeout(HEALTH_ANSWERS_WITHIN_MS) });
    await answer.text();
    watch.answers += 1;
    // 503 says that a Worker behind the door is slow; the door itself has answered.
    if (answer.status !== 200 && answer.status !== 503) watch.failures.push(`status ${answer.status}`);
  } catch (error) {
    watch.failures.push(String(error));
  }
}

test("four 12-megapixel photos at once all become complete, and the front door answers meanwhile", async () => {
  const photos = await Promise.all(Array.from({ length: PHOTOS }, (_, index) => makePhoto(PHONE_PHOTO, index + 1)));
  const stopWatching = watchHealth();
  const uploads = await Promise.all(photos.map((photo) => client.uploadPhoto(photo)));
  const settled = await Promise.all(uploads.map(({ id }) => client.settled(id, SETTLED_WITHIN_MS)));
  const { answers, failures } = await stopWatching();

  expect(settled.map(({ status }) => status)).toEqual(photos.map(() => "complete"));
  expect(failures).toEqual([]);
  expect(answers).toBeGreaterThan(PHOTOS);
});

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
