import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { piecesOf } from "../../../../workers/images/src/privacy/cuts.ts";
import { randomNumbers } from "../../../random.ts";
import { concatenate, jpegSegment, jpegWith, telltaleExif, telltaleSegments } from "../../../support/metadata.ts";
import { applied, picture, pngChunk, pngWith, scan, stripped, webpChunk, webpWith } from "./samples.ts";

const SEED = 20_261_121;
const MUTATIONS = 6_000;
const behind = new TextEncoder().encode("behind");

async function telltaleFiles(): Promise<[mimeType: string, file: Uint8Array<ArrayBuffer>][]> {
  const jpeg = await picture().jpeg({ progressive: true }).toBuffer();
  const png = await picture().png().toBuffer();
  const webp = await picture().webp().toBuffer();
  const exif = telltaleExif(8);
  return [
    ["image/jpeg", jpegWith(jpeg, telltaleSegments(6), behind)],
    ["image/png", pngWith(png, [pngChunk("eXIf", exif), pngChunk("tEXt", behind)], behind)],
    ["image/webp", webpWith(webp, [webpChunk("EXIF", exif), webpChunk("XMP ", behind)], behind)],
  ];
}

function expectSound(mimeType: string, file: Uint8Array): void {
  const { cuts } = scan(mimeType, file);
  if (cuts === null) return;
  let end = 0;
  for (const { offset, length } of cuts) {
    expect(offset).toBeGreaterThanOrEqual(end);
    expect(length).toBeGreaterThan(0);
    end = offset + length;
  }
  expect(end).toBeLessThanOrEqual(file.length);
  const left = applied(file, piecesOf({ bytes: file.length, cuts }));
  expect(scan(mimeType, left)).toEqual({ found: [], cuts: [] });
}

describe("a scan", () => {
  test("finds the same however the bytes are dealt out", async () => {
    for (const [mimeType, file] of await telltaleFiles()) {
      const whole = scan(mimeType, file);
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 200 }), (chunkBytes) => {
          expect(scan(mimeType, file, chunkBytes)).toEqual(whole);
        }),
        { examples: [[1], [2], [3]], numRuns: 30 },
      );
    }
  });

  test("of a damaged or cut off file ends well, and what it leaves has nothing more to find", async () => {
    const files = await telltaleFiles();
    const random = randomNumbers(SEED);
    for (let i = 0; i < MUTATIONS; i++) {
      const [mimeType, original] = files[i % files.length]!;
      const damaged = original.slice(0, random(3) === 0 ? random(original.length) : original.length);
      // The first bytes are what makes it a file of its kind.
      for (let change = random(6); change > 0; change--)
        damaged[12 + random(Math.max(damaged.length - 12, 1))] = random(256);
      expectSound(mimeType, damaged);
    }
  });

  test("passes a file whose lengths lie without reading beyond its end", () => {
    const endless = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
    const jpeg = concatenate([Uint8Array.of(0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff), behind]);
    expect(scan("image/jpeg", jpeg).cuts).toEqual([{ offset: 2, length: jpeg.length - 2 }]);
    const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    const png = concatenate([signature, endless, new TextEncoder().encode("tEXt"), behind]);
    expect(scan("image/png", png).cuts).toEqual([{ offset: 8, length: png.length - 8 }]);
  });

  test("counts thousands of neighbours as one", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const comments = Array.from({ length: 10_000 }, () => jpegSegment(0xfe, "x"));
    const { found, cuts } = scan("image/jpeg", jpegWith(jpeg, comments));
    expect([found, cuts]).toEqual([["comment"], [{ offset: 2, length: 50_000 }]]);
  });

  test("gives up what is strewn over thousands of places, and still says what it is", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const strewn = Array.from({ length: 20_000 }, (_, i) =>
      i % 2 ? jpegSegment(0xfe, "x") : jpegSegment(0xdd, "\0\0"),
    );
    expect(scan("image/jpeg", jpegWith(jpeg, strewn))).toEqual({ found: ["comment"], cuts: null });
  });

  test("gives up what is in hundreds of thousands of pieces, however close they lie", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const comments = concatenate(Array.from({ length: 250_000 }, () => jpegSegment(0xfe)));
    expect(scan("image/jpeg", jpegWith(jpeg, [comments]))).toEqual({ found: ["comment"], cuts: null });
  });

  test("gives up what would leave more behind than links can carry", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const jfif = jpegSegment(0xe0, "JFIF\0", Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 1, 0, 9));
    const many = Array.from({ length: 1_000 }, () => jfif);
    expect(scan("image/jpeg", jpegWith(jpeg, many))).toEqual({ found: ["thumbnail"], cuts: null });
  });

  test("of a PNG or a WebP with any chunks in any order leaves the picture as it was", async () => {
    for (const [format, chunk, chunked, names] of [
      ["png", pngChunk, pngWith, ["eXIf", "tEXt", "zTXt", "iTXt", "tIME", "caBX", "prVt"]],
      ["webp", webpChunk, webpWith, ["EXIF", "XMP ", "C2PA", "prVt"]],
    ] as const) {
      const plain = new Uint8Array(await picture().toFormat(format).toBuffer());
      const pixels = await sharp(plain).raw().toBuffer();
      const anyChunk = fc.tuple(fc.constantFrom(...names), fc.uint8Array({ maxLength: 300 }));
      const property = fc.asyncProperty(fc.array(anyChunk, { maxLength: 40 }), async (all) => {
        const file = chunked(
          plain,
          all.map(([name, content]) => chunk(name, Uint8Array.from(content))),
          behind,
        );
        expectSound(`image/${format}`, file);
        expect(
          (
            await sharp(stripped(`image/${format}`, file))
              .raw()
              .toBuffer()
          ).equals(pixels),
        ).toBe(true);
      });
      await fc.assert(property, { numRuns: 40 });
    }
  });

  test("of a JPEG with any segments in any order leaves the picture as it was", async () => {
    const jpeg = new Uint8Array(await picture().jpeg().toBuffer());
    const pixels = await sharp(jpeg).raw().toBuffer();
    const markers = fc.constantFrom(0xe1, 0xe2, 0xe3, 0xe5, 0xe7, 0xeb, 0xec, 0xed, 0xef, 0xfe);
    const names = fc.constantFrom("Exif\0\0", "http://ns.adobe.com/xap/1.0/\0", "MPF\0", "Photoshop 3.0\0", "JP", "");
    const segments = fc
      .tuple(markers, names, fc.uint8Array({ maxLength: 300 }))
      .map(([marker, name, rest]) => jpegSegment(marker, name, Uint8Array.from(rest)));
    const arbitrary = fc.asyncProperty(fc.array(segments, { maxLength: 40 }), async (all) => {
      const file = jpegWith(jpeg, all, behind);
      expectSound("image/jpeg", file);
      expect((await sharp(stripped("image/jpeg", file)).raw().toBuffer()).equals(pixels)).toBe(true);
    });
    await fc.assert(arbitrary, { numRuns: 60 });
  });
});
