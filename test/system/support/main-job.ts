import sharp from "sharp";
import { expect } from "vitest";
import { SIZES } from "../../../shared/contracts/variants.ts";
import { Client } from "./client.ts";
import { psnr } from "./compare.ts";
import { makePhoto, PHONE_PHOTO } from "./photo.ts";

/** What a 4032×3024 photo becomes (S2.63, C13). Pixels. */
const EXPECTED = {
  thumbnail: [150, 150],
  small: [480, 360],
  medium: [1024, 768],
  large: [1920, 1440],
  original: [4032, 3024],
} as const;

/** Below this a viewer begins to see the difference. */
const VISIBLY_EQUAL_DB = 30;

/**
 * The product's main job at an address: sign up, send a 12-megapixel photo, wait, fetch every size by its signed
 * URL without any other credential, and look at it with an independent decoder.
 */
export async function expectMainJobWorks(base: string): Promise<Client> {
  const client = await Client.signUp(base);
  const photo = await makePhoto(PHONE_PHOTO);

  const upload = await client.uploadPhoto(photo, "Überblick.jpg");
  expect(upload).toMatchObject({ status: "pending", name: "Überblick.jpg", size: photo.length });
  expect(await client.settled(upload.id)).toMatchObject({ status: "complete", errorMessage: null });

  const { sizes } = await client.details(upload.id);
  for (const name of SIZES) {
    const size = sizes[name];
    expect([name, size?.width, size?.height]).toEqual([name, ...EXPECTED[name]]);
    const answer = await fetch(size?.url ?? "");
    expect([name, answer.status]).toEqual([name, 200]);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.length).toBe(size?.bytes);
    const { width, height } = await sharp(bytes).metadata();
    expect([name, width, height]).toEqual([name, ...EXPECTED[name]]);
    expect(await psnr(bytes, photo), `PSNR of ${name} in dB`).toBeGreaterThanOrEqual(VISIBLY_EQUAL_DB);
  }
  return client;
}
