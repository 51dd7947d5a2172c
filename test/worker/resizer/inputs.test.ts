import { describe, expect, it } from "vitest";
import { VARIANTS, type VariantName } from "../../../shared/contracts/variants.ts";
import { joined } from "./floods.ts";
import { compare, drawnPng, photo, pixelsOf, seeThrough } from "./pictures.ts";
import type { ColourType, DrawnPng } from "./png-writer.ts";
import { settle } from "./settle.ts";
import { animation, exifChunk } from "./webp-writer.ts";

/** At this distance people see no difference. */
const PSNR_MIN_DB = 30;
/** The plain formula for print colours makes them so strong that WebP's halved chroma alone costs a small picture this. */
const STRONG_COLOURS_PSNR_MIN_DB = 29;
const ONE_MINUTE_MS = 60_000;

/** Makes the variants and compares each with what libvips makes of the same file. @returns their sizes in pixels */
async function expectLikeLibvips(original: Uint8Array, leastDb = PSNR_MIN_DB): Promise<Record<string, string>> {
  const { outcome, variants } = await settle(original);
  expect(outcome).toBe("complete");
  const sizes: Record<string, string> = {};
  for (const [name, variant] of variants) {
    const { width, height, psnr } = await compare(original, variant, VARIANTS[name].fit);
    expect(psnr, `PSNR of ${name} in dB`).toBeGreaterThanOrEqual(leastDb);
    sizes[name] = `${width}x${height}`;
  }
  return sizes;
}

/**
 * Large enough that a JPEG is scaled while it is decoded. At exactly 4:3 libvips cuts its square at whole pixels, as we
 * do; at other shapes it is off by half a pixel.
 */
const LANDSCAPE = { width: 2404, height: 1803 };
const LANDSCAPE_SIZES = { large: "1920x1440", medium: "1024x768", small: "480x360", thumbnail: "150x150" };
const PORTRAIT_SIZES = { large: "1440x1920", medium: "768x1024", small: "360x480", thumbnail: "150x150" };

describe("JPEG", { timeout: ONE_MINUTE_MS }, () => {
  it.each([
    { as: [] },
    { as: ["full-chroma"] },
    { as: ["grey"] },
    { as: ["progressive"] },
    { as: ["progressive", "full-chroma"] },
    { as: ["progressive", "grey"] },
  ])("is read: $as", async ({ as }) => {
    expect(await expectLikeLibvips(await photo({ ...LANDSCAPE, as }))).toEqual(LANDSCAPE_SIZES);
  });

  it.each([{ as: ["cmyk"] }, { as: ["progressive", "cmyk"] }])("in print colours is read: $as", async ({ as }) => {
    const original = await photo({ ...LANDSCAPE, as });
    expect(await expectLikeLibvips(original, STRONG_COLOURS_PSNR_MIN_DB)).toEqual(LANDSCAPE_SIZES);
  });

  it.each([2, 3, 5, 8])("of EXIF orientation %i stands upright", async (orientation) => {
    const sizes = await expectLikeLibvips(await photo({ ...LANDSCAPE, orientation }));
    expect(sizes).toEqual(orientation < 5 ? LANDSCAPE_SIZES : PORTRAIT_SIZES);
  });

  it.each([
    [8, 6000, { large: "3x1920", medium: "1x1024", small: "1x480", thumbnail: "8x8" }],
    [20_000, 16, { large: "1920x2", medium: "1024x1", small: "480x1", thumbnail: "16x16" }],
    [17, 1, { large: "17x1", medium: "17x1", small: "17x1", thumbnail: "1x1" }],
    [1921, 1921, { large: "1920x1920", medium: "1024x1024", small: "480x480", thumbnail: "150x150" }],
    [3840, 2160, { large: "1920x1080", medium: "1024x576", small: "480x270", thumbnail: "150x150" }],
  ])("of %i × %i pixels has variants of its own shape", async (width, height, expected) => {
    const { variants } = await settle(await photo({ width, height }));
    expect(await sizesOf(variants)).toEqual(expected);
  });
});

async function sizesOf(variants: Map<VariantName, Uint8Array>) {
  const sizes: Record<string, string> = {};
  for (const [name, variant] of variants) {
    const { width, height } = await pixelsOf(variant);
    sizes[name] = `${width}x${height}`;
  }
  return sizes;
}

/** Every pair of colour type and depth that PNG allows (ISO/IEC 15948, table 11.1). */
const PNG_DEPTHS = [
  { colourType: 0, kind: "grey", depths: [1, 2, 4, 8, 16] },
  { colourType: 2, kind: "colour", depths: [8, 16] },
  { colourType: 3, kind: "palette", depths: [1, 2, 4, 8] },
  { colourType: 4, kind: "grey with alpha", depths: [8, 16] },
  { colourType: 6, kind: "colour with alpha", depths: [8, 16] },
] as const satisfies { colourType: ColourType; kind: string; depths: readonly DrawnPng["bitDepth"][] }[];

const PNGS = PNG_DEPTHS.flatMap(({ colourType, kind, depths }) =>
  depths.map((bitDepth) => ({ colourType, kind, bitDepth, mayHaveTransparency: colourType < 4 })),
);

describe("PNG", { timeout: ONE_MINUTE_MS }, () => {
  const size = { width: 701, height: 523 };

  it.each(PNGS)("$kind at $bitDepth bits is read", async ({ colourType, bitDepth }) => {
    const sizes = await expectLikeLibvips(await drawnPng({ ...size, colourType, bitDepth, seeThrough: false }));
    expect(sizes).toEqual({ large: "701x523", medium: "701x523", small: "480x358", thumbnail: "150x150" });
  });

  it.each(PNGS.filter((png) => png.mayHaveTransparency))(
    "$kind at $bitDepth bits with a transparent colour is read",
    async ({ colourType, bitDepth }) => {
      const original = await drawnPng({ ...size, colourType, bitDepth, seeThrough: true });
      await expectLikeLibvips(original);
      const { variants } = await settle(original);
      const { data } = await pixelsOf(variants.get("large")!);
      const alphas = data.filter((_, at) => at % 4 === 3);
      expect(alphas.includes(0), "some of it is transparent").toBe(true);
      expect(alphas.includes(255), "some of it is not").toBe(true);
    },
  );

  it("of 12 megapixels is read", async () => {
    const sizes = await expectLikeLibvips(await photo({ width: 4032, height: 3024, format: "png" }));
    expect(sizes).toEqual({ large: "1920x1440", medium: "1024x768", small: "480x360", thumbnail: "150x150" });
  });

  it("that is interlaced is read", async () => {
    expect((await expectLikeLibvips(await photo({ ...size, format: "png", as: ["progressive"] }))).large).toBe(
      "701x523",
    );
  });

  it("of EXIF orientation 6 stands upright", async () => {
    const file = await photo({ ...LANDSCAPE, format: "png", orientation: 6 });
    expect(await expectLikeLibvips(file)).toEqual(PORTRAIT_SIZES);
  });
});

describe("WebP", { timeout: ONE_MINUTE_MS }, () => {
  it.each([{ as: [] }, { as: ["lossless"] }])("is read: $as", async ({ as }) => {
    expect(await expectLikeLibvips(await photo({ ...LANDSCAPE, format: "webp", as }))).toEqual(LANDSCAPE_SIZES);
  });

  it("of EXIF orientation 6 stands upright", async () => {
    const file = await photo({ ...LANDSCAPE, format: "webp", orientation: 6 });
    expect(await expectLikeLibvips(file)).toEqual(PORTRAIT_SIZES);
  });

  it("of 12 megapixels is read", async () => {
    const { outcome } = await settle(await photo({ width: 4032, height: 3024, format: "webp" }));
    expect(outcome).toBe("complete");
  });

  it("that is an animation shows its first frame, and EXIF orientation stands it upright", async () => {
    const size = { width: 640, height: 480 };
    const first = await photo({ ...size, format: "webp" });
    const second = await photo({ ...size, format: "webp", as: ["grey"] });
    const frames = [first, second].map((still) => ({ left: 0, top: 0, ...size, still }));
    const still = await settle(first);
    expect((await settle(animation(size, frames))).variants).toEqual(still.variants);

    const turned = await settle(joined(animation(size, frames), exifChunk(6)));
    expect(await sizesOf(turned.variants)).toMatchObject({ large: "480x640" });
  });

  it("that is an animation is transparent where its first frame leaves the canvas free", async () => {
    const still = await photo({ width: 200, height: 100, format: "webp" });
    const canvas = { width: 400, height: 300 };
    const { variants } = await settle(animation(canvas, [{ left: 100, top: 50, width: 200, height: 100, still }]));
    const { data } = await pixelsOf(variants.get("large") ?? new Uint8Array());
    const alphaAt = (x: number, y: number) => data[(y * canvas.width + x) * 4 + 3];
    expect([alphaAt(50, 25), alphaAt(350, 100), alphaAt(200, 250), alphaAt(200, 100)]).toEqual([0, 0, 0, 255]);
  });
});

describe("transparency", { timeout: ONE_MINUTE_MS }, () => {
  it.each([
    ["png", 900, 600],
    ["png", 2400, 1600],
    ["webp", 900, 600],
    ["webp", 2400, 1600],
  ] as const)("of a %s of %i × %i pixels stays, and no hidden colour shows", async (format, width, height) => {
    const { variants } = await settle(await seeThrough({ width, height, format }));
    for (const [name, variant] of variants) {
      const pixels = await pixelsOf(variant);
      const middle = Math.floor(pixels.height / 2) * pixels.width;
      const pixel = (x: number) => pixels.data.subarray((middle + x) * 4, (middle + x + 1) * 4);
      expect(pixel(2)[3], `alpha at the left of ${name}`).toBe(0);
      expect(pixel(pixels.width - 3)[3], `alpha at the right of ${name}`).toBe(255);
      expect(pixel(Math.ceil(pixels.width / 2))[1], `green at the edge of ${name}`).toBeLessThan(90);
    }
  });
});

describe("metadata", () => {
  it.each(["jpeg", "png", "webp"] as const)("of a %s is in no variant", async (format) => {
    const { variants } = await settle(await photo({ width: 640, height: 480, format, orientation: 6 }));
    for (const variant of variants.values()) {
      const text = new TextDecoder("latin1").decode(variant);
      expect(text).not.toMatch(/EXIF|Exif|XMP |ICCP/);
    }
  });
});
