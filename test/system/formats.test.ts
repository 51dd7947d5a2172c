import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { VARIANT_NAMES } from "../../shared/contracts/variants.ts";
import { Client } from "./support/client.ts";
import { psnr } from "./support/compare.ts";
import { makePhoto } from "./support/photo.ts";
import { type Product, startProduct } from "./support/product.ts";
import { sharedProduct } from "./support/shared-product.ts";

/** Below this a viewer begins to see the difference. */
const VISIBLY_EQUAL_DB = 30;
const MADE_WITHIN_MS = 60_000;
const SECOND_MS = 1_000;

let product: Product | null = null;
afterEach(async () => {
  await product?.close();
  product = null;
});

function ask(client: Client, id: string, size: string, accept: string): Promise<Response> {
  return client.fetch(`/api/images/${id}/${size}`, { headers: { Accept: accept } });
}

/** Asks as the answers say: again after Retry-After, for as long as they are 503. */
async function askPatiently(client: Client, id: string, size: string): Promise<Response> {
  const deadline = Date.now() + MADE_WITHIN_MS;
  for (;;) {
    const answer = await ask(client, id, size, "image/jpeg");
    if (answer.status !== 503 || Date.now() > deadline) return answer;
    await answer.arrayBuffer();
    const seconds = Number(answer.headers.get("Retry-After"));
    await new Promise((resolve) => setTimeout(resolve, seconds * SECOND_MS));
  }
}

async function expectPicture(answer: Response, format: string, photo: Buffer): Promise<void> {
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, `image/${format}`]);
  const picture = Buffer.from(await answer.arrayBuffer());
  expect((await sharp(picture).metadata()).format).toBe(format);
  expect(await psnr(picture, photo), "PSNR in dB").toBeGreaterThanOrEqual(VISIBLY_EQUAL_DB);
}

async function uploaded(client: Client, photo: Buffer): Promise<string> {
  const { id } = await client.uploadPhoto(photo);
  expect(await client.settled(id)).toMatchObject({ status: "complete" });
  return id;
}

test("a client that knows nothing newer than JPEG waits once, and has every size as JPEG from then on", async () => {
  const client = await Client.signUp((await sharedProduct()).url);
  const photo = await makePhoto({ width: 2000, height: 1500 });
  const id = await uploaded(client, photo);

  const early = await ask(client, id, "small", "image/jpeg");
  expect([early.status, await early.json()]).toEqual([503, expect.objectContaining({ code: "being_made" })]);
  expect(early.headers.get("Vary")?.split(/\s*,\s*/)).toContain("Accept");
  await expectPicture(await askPatiently(client, id, "small"), "jpeg", photo);
  for (const size of VARIANT_NAMES) {
    const answer = await ask(client, id, size, "image/jpeg");
    expect(answer.headers.get("Vary")?.split(/\s*,\s*/)).toContain("Accept");
    await expectPicture(answer, "jpeg", photo);
    await expectPicture(await ask(client, id, size, "*/*"), "webp", photo);
  }

  const { sizes, thumbHash, dominantColour } = await client.details(id);
  expect(sizes.large?.type).toBe("image/webp");
  await expectPicture(await fetch(sizes.large?.formats?.jpeg?.url ?? ""), "jpeg", photo);
  expect(thumbHash).toMatch(/^[\w+/]+=*$/);
  expect(dominantColour).toMatch(/^#[0-9a-f]{6}$/);
});

test("with VARIANT_FORMATS=webp,jpeg both are there at once", async () => {
  product = await startProduct({ VARIANT_FORMATS: "webp,jpeg" });
  const client = await Client.signUp(product.url);
  const photo = await makePhoto({ width: 2000, height: 1500 });
  const id = await uploaded(client, photo);
  await expectPicture(await ask(client, id, "large", "image/jpeg"), "jpeg", photo);
  await expectPicture(await ask(client, id, "large", "image/webp"), "webp", photo);
});

test("with VARIANT_FORMATS=jpeg everybody gets JPEG", async () => {
  product = await startProduct({ VARIANT_FORMATS: "jpeg" });
  const client = await Client.signUp(product.url);
  const photo = await makePhoto({ width: 800, height: 600 });
  const id = await uploaded(client, photo);
  for (const accept of ["*/*", "image/webp", "image/jpeg"]) {
    await expectPicture(await ask(client, id, "medium", accept), "jpeg", photo);
  }
  expect((await client.details(id)).sizes.medium?.type).toBe("image/jpeg");
});
