import { describe, expect, it } from "vitest";
import { randomNumbers } from "../../random.ts";
import { damage } from "./damage.ts";
import {
  blackPng,
  exifLoop,
  hugeSegments,
  joined,
  jpegOfSize,
  pngOfSize,
  repeatedScan,
  segment,
  withSegments,
} from "./floods.ts";
import { photo, seeThrough } from "./pictures.ts";
import { settle } from "./settle.ts";
import { animation, losslessWithCodes, riff, webpOfSize } from "./webp-writer.ts";

const SEED = 20_260_918;
const DAMAGED_OF_EACH_KIND = 200;
/** How often a sound photo must go through between the damaged ones. */
const SOUND_EVERY = 50;
const TWO_MINUTES_MS = 120_000;

const SMALL = { width: 64, height: 48 };

/** A small file of every kind that there is a decoder or a branch of one for. */
const KINDS = {
  "baseline JPEG": () => photo({ ...SMALL, orientation: 6 }),
  "JPEG with full chroma": () => photo({ ...SMALL, as: ["full-chroma"] }),
  "progressive JPEG": () => photo({ ...SMALL, as: ["progressive"] }),
  "grey JPEG": () => photo({ ...SMALL, as: ["grey"] }),
  "CMYK JPEG": () => photo({ ...SMALL, as: ["cmyk"] }),
  PNG: () => photo({ ...SMALL, format: "png", orientation: 8 }),
  "palette PNG": () => photo({ ...SMALL, format: "png", as: ["palette"] }),
  "16-bit PNG": () => photo({ ...SMALL, format: "png", as: ["deep"] }),
  "interlaced PNG": () => photo({ ...SMALL, format: "png", as: ["progressive"] }),
  "see-through PNG": () => seeThrough({ ...SMALL, format: "png" }),
  WebP: () => photo({ ...SMALL, format: "webp" }),
  "lossless WebP": () => photo({ ...SMALL, format: "webp", as: ["lossless"] }),
  "see-through WebP": () => seeThrough({ ...SMALL, format: "webp" }),
  "see-through lossless WebP": () => seeThrough({ ...SMALL, format: "webp", as: ["lossless"] }),
  "animated WebP": () => animated(),
} as const;

/** Two frames, lossless and lossy, on a larger canvas. */
async function animated(): Promise<Uint8Array> {
  const stills = [
    await photo({ ...SMALL, format: "webp", as: ["lossless"] }),
    await photo({ ...SMALL, format: "webp" }),
  ];
  const frames = stills.map((still) => ({ left: 10, top: 8, ...SMALL, still }));
  return animation({ width: 80, height: 60 }, frames);
}

/** A sound photo of each format is read, whatever came before it. */
async function expectSoundPhotosWork(): Promise<void> {
  for (const format of ["jpeg", "png", "webp"] as const) {
    const { outcome } = await settle(await photo({ ...SMALL, format }));
    expect(outcome, `a sound ${format}`).toBe("complete");
  }
}

describe("damaged files", { timeout: TWO_MINUTES_MS }, () => {
  it.each(Object.entries(KINDS))(`${DAMAGED_OF_EACH_KIND} times a %s: each ends well`, async (_kind, make) => {
    const original = await make();
    const random = randomNumbers(SEED);
    for (let i = 1; i <= DAMAGED_OF_EACH_KIND; i++) {
      await settle(damage(original, random));
      if (i % SOUND_EVERY === 0) await expectSoundPhotosWork();
    }
  });

  it.each(Object.entries(KINDS))("a %s cut off at every twentieth of its length", async (_kind, make) => {
    const original = await make();
    for (let part = 0; part < 20; part++) await settle(original.subarray(0, (original.length * part) / 20));
    await expectSoundPhotosWork();
  });

  it("50 JPEGs with Huffman tables that they lack: the next good one is read", async () => {
    const broken = await photo(SMALL);
    const scan = broken.findIndex((byte, at) => byte === 0xff && broken[at + 1] === 0xda);
    broken[scan + 6] = 0x33;
    for (let i = 0; i < 50; i++) expect((await settle(broken)).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("what is there of a JPEG that was cut off is shown", async () => {
    const file = await photo({ width: 640, height: 480 });
    expect((await settle(file.subarray(0, file.length / 2))).outcome).toBe("complete");
  });

  it.each(["png", "webp"] as const)("a %s that was cut off is refused", async (format) => {
    const file = await photo({ width: 200, height: 120, format });
    for (let i = 0; i < 20; i++) expect((await settle(file.subarray(0, 200))).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });
});

describe("files that lie about their size", { timeout: TWO_MINUTES_MS }, () => {
  it("a JPEG of 64250 × 64250 pixels is refused by its header", async () => {
    const { outcome } = await settle(jpegOfSize(await photo(SMALL), 64_250, 64_250));
    expect(outcome).toBe("image_too_large");
    await expectSoundPhotosWork();
  });

  it("a PNG of 20000 × 20000 pixels is refused by its header", async () => {
    expect((await settle(await blackPng(20_000, 20_000))).outcome).toBe("image_too_large");
    await expectSoundPhotosWork();
  });

  it.each([
    [0, 48],
    [64, 0],
    [0, 0],
  ])("pictures of %i × %i pixels are refused", async (width, height) => {
    const png = await photo({ ...SMALL, format: "png" });
    expect((await settle(pngOfSize(png, width, height))).outcome).toBe("undecodable_image");
    expect((await settle(jpegOfSize(await photo(SMALL), width, height))).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("a PNG that has fewer rows than it says is refused", async () => {
    const png = await photo({ ...SMALL, format: "png" });
    expect((await settle(pngOfSize(png, 64, 49))).outcome).toBe("undecodable_image");
    expect((await settle(pngOfSize(png, 3200, 2400))).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("a WebP whose canvas has another size than its picture is refused", async () => {
    const file = await photo({ ...SMALL, format: "webp", orientation: 6 });
    expect(String.fromCharCode(...file.subarray(12, 16))).toBe("VP8X");
    file[24] = 62;
    expect((await settle(file)).outcome).toBe("undecodable_image");
  });
});

describe("WebPs that lie", { timeout: TWO_MINUTES_MS }, () => {
  it("about a lossless picture of 16384 × 16384 pixels: refused by the header", async () => {
    const file = await photo({ ...SMALL, format: "webp", as: ["lossless"] });
    expect((await settle(webpOfSize(file, 16_384, 16_384))).outcome).toBe("image_too_large");
    await expectSoundPhotosWork();
  });

  it("about a lossy picture of 16383 × 6000 pixels: refused when the pixels end", async () => {
    const file = await photo({ ...SMALL, format: "webp" });
    expect((await settle(webpOfSize(file, 16_383, 6000))).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("about codes that are none, 20 times: the next good ones are read", async () => {
    const tooLarge = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 34];
    const colour = [0, 1, 1, 0, 0, 0, 0, 0, 0, 7, 241, 1, 1, 1, 1, 2];
    const green = [0, 1, 1, 0, 0, 0, 0, 0, 0, 3, 229, 41, 1, 1, 1, 2];
    const file = losslessWithCodes({ width: 8, height: 8 }, [green, colour, colour, colour, tooLarge]);
    for (let i = 0; i < 20; i++) expect((await settle(file)).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it.each([
    [{ left: 20, top: 0, width: 64, height: 48 }],
    [{ left: 0, top: 16, width: 64, height: 48 }],
    [{ left: 0, top: 0, width: 66, height: 48 }],
    [{ left: 2 ** 24, top: 0, width: 64, height: 48 }],
  ])("about a frame's place or size, %o, are refused", async (frame) => {
    const still = await photo({ ...SMALL, format: "webp" });
    const file = animation({ width: 80, height: 60 }, [{ ...frame, still }]);
    expect((await settle(file)).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("about a canvas of 16 million by 16 million pixels are refused by the header", async () => {
    const still = await photo({ ...SMALL, format: "webp" });
    const file = animation({ width: 2 ** 24, height: 2 ** 24 }, [{ left: 0, top: 0, ...SMALL, still }]);
    expect((await settle(file)).outcome).toBe("image_too_large");
  });

  it("about having anything but empty chunks, four million of them, are refused", async () => {
    const canvas = animation(SMALL, []);
    const file = new Uint8Array(canvas.length + 32_000_000);
    file.set(canvas);
    const { outcome } = await settle(file);
    expect(outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("about having any frame are refused", async () => {
    for (const file of [
      riff(),
      animation(SMALL, []),
      animation(SMALL, [{ left: 0, top: 0, ...SMALL, still: riff() }]),
    ]) {
      expect((await settle(file)).outcome).toBe("undecodable_image");
    }
    await expectSoundPhotosWork();
  });
});

describe("files that hide more than they show", { timeout: TWO_MINUTES_MS }, () => {
  it("16 megapixels in a PNG of a few kilobytes are read", async () => {
    const file = await blackPng(4000, 4000);
    expect(file.length).toBeLessThan(5000);
    expect((await settle(file)).outcome).toBe("complete");
  });

  it("a PNG whose data inflates to 256 MB for 64 × 64 pixels ends", async () => {
    const bomb = await blackPng(64, 64, 256_000_000);
    expect(bomb.length).toBeLessThan(300_000);
    await settle(bomb);
    await expectSoundPhotosWork();
  });

  it("a JPEG with 5 MB of segments before its picture is read", async () => {
    const file = withSegments(await photo(SMALL), ...hugeSegments(80));
    expect((await settle(file)).outcome).toBe("complete");
  });

  it("a JPEG that is one endless row of segments is refused", async () => {
    const file = joined(new Uint8Array([0xff, 0xd8]), ...hugeSegments(80));
    expect((await settle(file)).outcome).toBe("undecodable_image");
    await expectSoundPhotosWork();
  });

  it("a further photo behind the end of a JPEG changes nothing", async () => {
    const one = await photo(SMALL);
    const { variants } = await settle(joined(one, await photo({ width: 640, height: 480 })));
    expect(variants).toEqual((await settle(one)).variants);
  });

  it("EXIF directories that point at themselves are not followed for ever", async () => {
    expect((await settle(withSegments(await photo(SMALL), exifLoop()))).outcome).toBe("complete");
  });

  it("a segment that claims more bytes than the file has is refused", async () => {
    const lying = segment(0xe1, new Uint8Array(10));
    lying.set([0xff, 0xff], 2);
    expect((await settle(withSegments(await photo(SMALL), lying))).outcome).toBe("undecodable_image");
  });

  it("a progressive JPEG that says the same 500 times ends", async () => {
    const progressive = await photo({ width: 640, height: 480, as: ["progressive"] });
    await settle(repeatedScan(progressive, 500));
    await expectSoundPhotosWork();
  });

  it("what is no picture at all is refused", async () => {
    const text = new TextEncoder().encode("not a picture");
    for (const file of [text, new Uint8Array([0xff, 0xd8]), new Uint8Array(1), new Uint8Array(100_000)]) {
      expect((await settle(file)).outcome).toBe("undecodable_image");
    }
    await expectSoundPhotosWork();
  });
});
