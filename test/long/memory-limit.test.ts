import sharp from "sharp";
import { afterEach, describe, expect, test } from "vitest";
import { Client } from "../system/support/client.ts";
import { psnr } from "../system/support/compare.ts";
import { makePhoto, PHONE_PHOTO } from "../system/support/photo.ts";
import { type SplitProduct, startSplitProduct } from "../system/support/split-product.ts";

/**
 * WebAssembly pages of 64 KiB that one memory may have: 80 MiB, which leaves room in an isolate's 128 MB for the other
 * memories and JavaScript's own. The runtime itself sets no limit when it runs locally.
 */
const ROOM_OF_AN_ISOLATE = "--wasm-max-mem-pages=1280";
/** 12.5 MiB: less than any codec needs for a photo. */
const FAR_TOO_LITTLE = "--wasm-max-mem-pages=200";

/** Below this a viewer begins to see the difference. */
const VISIBLY_EQUAL_DB = 30;
/** Several attempts with pauses between them, then the end. */
const SETTLED_WITHIN_MS = 110_000;

let product: SplitProduct | null = null;
afterEach(async () => {
  await product?.close();
  product = null;
});

async function start(v8Flags: string): Promise<Client> {
  product = await startSplitProduct(v8Flags);
  return Client.signUp(product.url);
}

async function expectAllSizes(client: Client, file: Buffer): Promise<void> {
  const { id } = await client.uploadPhoto(file);
  expect(await client.settled(id)).toMatchObject({ status: "complete", errorMessage: null });
  const { sizes } = await client.details(id);
  for (const name of ["thumbnail", "small", "medium", "large"] as const) {
    const answer = await fetch(sizes[name]?.url ?? "");
    expect(answer.status).toBe(200);
    const picture = Buffer.from(await answer.arrayBuffer());
    expect(await psnr(picture, file), `PSNR of ${name} in dB`).toBeGreaterThanOrEqual(VISIBLY_EQUAL_DB);
  }
}

describe("within the memory of a deployed isolate", () => {
  test("photos of 12 and 16 megapixels become every size", async () => {
    const client = await start(ROOM_OF_AN_ISOLATE);
    const photo = await makePhoto(PHONE_PHOTO);
    await expectAllSizes(client, photo);
    await expectAllSizes(client, await sharp(photo).png({ compressionLevel: 1 }).toBuffer());
    const progressive = await makePhoto({ width: 4608, height: 3456 }, 2);
    await expectAllSizes(client, await sharp(progressive).jpeg({ quality: 88, progressive: true }).toBuffer());
  });
});

describe("with far too little memory", () => {
  test("a photo fails with a reason a person can read, and the product lives on", async () => {
    const client = await start(FAR_TOO_LITTLE);
    const { id } = await client.uploadPhoto(await makePhoto(PHONE_PHOTO));
    const settled = await client.settled(id, SETTLED_WITHIN_MS);
    expect(settled.status).toBe("failed");
    expect(settled.errorMessage).toMatch(/^\p{Lu}.+\.$/u);
    expect((await client.fetch("/api/images")).status).toBe(200);
  });
});
