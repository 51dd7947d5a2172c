import { describe, expect, it } from "vitest";
import { VARIANTS } from "../../../shared/contracts/variants.ts";
import { createCodecs } from "../../../workers/resizer/src/codecs/codec.ts";
import { compare, photo, pixelsOf, seeThrough } from "./pictures.ts";
import { resized } from "./resizing.ts";

const codecs = createCodecs();
/** At this distance people see no difference. */
const PSNR_MIN_DB = 30;

async function variantsOf(original: Uint8Array) {
  const { outcome, variants } = await resized(codecs, original);
  expect(outcome).toBe("complete");
  return new Map(variants.map(({ name, bytes }) => [name, bytes]));
}

/** Compares every variant with libvips' own and says its size. */
async function measure(original: Uint8Array) {
  const sizes: Record<string, string> = {};
  for (const [name, variant] of await variantsOf(original)) {
    const { fit } = VARIANTS[name as keyof typeof VARIANTS];
    const measured = await compare(original, variant, fit);
    expect(measured.psnr, `PSNR of ${name}`).toBeGreaterThanOrEqual(PSNR_MIN_DB);
    sizes[name] = `${measured.width}x${measured.height}`;
  }
  return sizes;
}

describe("variants", { timeout: 60_000 }, () => {
  it("makes four sizes of a 12-megapixel photo, close to libvips' own", async () => {
    const sizes = await measure(await photo({ width: 4032, height: 3024 }));
    expect(sizes).toEqual({ large: "1920x1440", medium: "1024x768", small: "480x360", thumbnail: "150x150" });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("stands a photo of EXIF orientation %i upright", async (orientation) => {
    const sizes = await measure(await photo({ width: 600, height: 400, orientation }));
    const upright = { large: "600x400", medium: "600x400", small: "480x320", thumbnail: "150x150" };
    const turned = { large: "400x600", medium: "400x600", small: "320x480", thumbnail: "150x150" };
    expect(sizes).toEqual(orientation < 5 ? upright : turned);
  });

  it("turns the orientation of PNG and WebP files too", async () => {
    for (const format of ["png", "webp"] as const) {
      const sizes = await measure(await photo({ width: 500, height: 300, format, orientation: 6 }));
      expect(sizes.large).toBe("300x500");
    }
  });

  it.each([
    { format: "jpeg", as: ["progressive"] },
    { format: "jpeg", as: ["grey"] },
    { format: "png", as: ["progressive"] },
    { format: "png", as: ["grey"] },
    { format: "png", as: ["deep"] },
    { format: "png", as: ["palette"] },
    { format: "webp", as: ["lossless"] },
  ] as const)("reads $as $format files", async ({ as, ...options }) => {
    await measure(await photo({ width: 700, height: 500, ...options, as: [...as] }));
  });

  it.each([
    [1, 1, { large: "1x1", medium: "1x1", small: "1x1", thumbnail: "1x1" }],
    [3, 5000, { large: "1x1920", medium: "1x1024", small: "1x480", thumbnail: "3x3" }],
    [149, 151, { large: "149x151", medium: "149x151", small: "149x151", thumbnail: "149x149" }],
    [480, 480, { large: "480x480", medium: "480x480", small: "480x480", thumbnail: "150x150" }],
    [5000, 300, { large: "1920x115", medium: "1024x61", small: "480x29", thumbnail: "150x150" }],
  ])("makes %i × %i pixels no larger than they are", async (width, height, expected) => {
    const sizes: Record<string, string> = {};
    for (const [name, variant] of await variantsOf(await photo({ width, height, format: "png" }))) {
      const pixels = await pixelsOf(variant);
      sizes[name] = `${pixels.width}x${pixels.height}`;
    }
    expect(sizes).toEqual(expected);
  });

  it.each(["png", "webp"] as const)("keeps the transparency of a %s, and no hidden colour bleeds", async (format) => {
    const original = await seeThrough({ width: 900, height: 600, format });
    for (const [name, variant] of await variantsOf(original)) {
      const { width, height, data } = await pixelsOf(variant);
      const middleRow = Math.floor(height / 2) * width;
      const left = data.subarray((middleRow + 2) * 4, (middleRow + 3) * 4);
      const right = data.subarray((middleRow + width - 3) * 4, (middleRow + width - 2) * 4);
      expect(left[3], name).toBe(0);
      expect(right[3], name).toBe(255);
      const edge = data.subarray((middleRow + Math.ceil(width / 2)) * 4, (middleRow + Math.ceil(width / 2) + 1) * 4);
      expect(edge[1], `green at the edge of ${name}`).toBeLessThan(90);
    }
  });
});
