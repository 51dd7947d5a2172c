import ExifReader from "exifreader";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readOrientation } from "../../../../shared/image-header/exif.ts";
import { sniff } from "../../../../shared/image-header/sniff.ts";
import {
  concatenate,
  jpegSegment,
  jpegWith,
  SERIAL_NUMBER,
  telltaleExif,
  telltaleSegments,
} from "../../../support/metadata.ts";
import { animation } from "../../../worker/resizer/webp-writer.ts";
import { picture, pngChunk, pngWith, scan, stripped, webpChunk, webpWith } from "./samples.ts";

const text = (words: string) => new TextEncoder().encode(words);

/** Everything that an independent reader finds, but for size, colours and orientation. */
function telltales(file: Uint8Array): string[] {
  const groups = ExifReader.load(file.slice().buffer, { expanded: true });
  const { exif, gps, iptc, xmp, Thumbnail: thumbnail, pngText, jfif } = groups;
  const found = Object.entries({ gps, iptc, xmp, thumbnail, pngText, jfifThumbnail: jfif?.["JFIF Thumbnail"] })
    .filter(([, tags]) => tags !== undefined && Object.keys(tags).length > 0)
    .map(([name]) => name);
  const tags = Object.keys(exif ?? {}).filter((name) => name !== "Orientation" && name !== "_raw");
  return [...found, ...tags];
}

/** As any reader decodes them, be it with warnings. */
function pixels(file: Uint8Array): Promise<Buffer> {
  return sharp(file, { failOn: "none", animated: true }).raw().toBuffer();
}

async function expectSamePicture(mimeType: string, file: Uint8Array): Promise<Uint8Array> {
  const left = stripped(mimeType, file);
  const [before, after] = [await sharp(file).metadata(), await sharp(left).metadata()];
  expect(await pixels(left)).toEqual(await pixels(file));
  expect(after.icc).toEqual(before.icc);
  expect(after.orientation ?? 1).toBe(before.orientation ?? 1);
  expect(sniff(left).image).toEqual(sniff(file).image);
  expect(telltales(left)).toEqual([]);
  expect(Buffer.from(left).includes(SERIAL_NUMBER)).toBe(false);
  expect(scan(mimeType, left)).toEqual({ found: [], cuts: [] });
  return left;
}

describe("what leaves of a JPEG", () => {
  test.each([
    ["plain", {}],
    ["progressive", { progressive: true }],
    ["with restart markers and 4:4:4", { chromaSubsampling: "4:4:4", optimiseCoding: true }],
  ])("is the picture alone: %s", async (_, options) => {
    const jpeg = await picture().jpeg(options).toBuffer();
    const gainMap = jpegWith(jpeg, telltaleSegments(1));
    const file = jpegWith(jpeg, telltaleSegments(6), gainMap);
    expect(telltales(file)).toEqual(expect.arrayContaining(["gps", "xmp", "thumbnail", "BodySerialNumber"]));
    expect(scan("image/jpeg", file).found).toEqual([
      "exif",
      "gps",
      "thumbnail",
      "serial_number",
      "xmp",
      "extra_pictures",
      "content_credentials",
      "iptc",
      "other",
      "comment",
    ]);
    const left = await expectSamePicture("image/jpeg", file);
    expect((await sharp(left).metadata()).orientation).toBe(6);
    expect(left.length).toBe(jpeg.length + 36);
  });

  test("of one that stands upright has no EXIF at all", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const left = await expectSamePicture("image/jpeg", jpegWith(jpeg, telltaleSegments(1)));
    expect(left).toEqual(new Uint8Array(jpeg));
  });

  test("is turned by its first EXIF block, and by none that comes later", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const file = jpegWith(jpeg, [...telltaleSegments(1), ...telltaleSegments(6)]);
    expect((await expectSamePicture("image/jpeg", file)).length).toBe(jpeg.length);
  });

  test("keeps JFIF without its thumbnail", async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .jpeg()
      .toBuffer();
    const jfif = text("JFIF\0");
    const numbers = Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 2, 1, 9, 9, 9, 9, 9, 9);
    const head = [jpegSegment(0xe0, concatenate([jfif, numbers])), jpegSegment(0xe0, "JFXX\0", "small")];
    const file = jpegWith(jpeg, head);
    expect(scan("image/jpeg", file).found).toEqual(["thumbnail"]);
    const left = await expectSamePicture("image/jpeg", file);
    expect(left.subarray(0, 20)).toEqual(
      jpegWith(jpeg, [jpegSegment(0xe0, jfif, Uint8Array.of(1, 1, 0, 0, 1, 0, 1, 0, 0))]).subarray(0, 20),
    );
  });

  test("has nothing in it that stood between two segments", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const file = jpegWith(jpeg, [text("stray"), Uint8Array.of(0xff, 0xff), jpegSegment(0xfe, "home")]);
    expect(stripped("image/jpeg", file)).toEqual(new Uint8Array(jpeg));
  });
});

describe("what leaves of a PNG", () => {
  const notes = [
    pngChunk("eXIf", telltaleExif(6)),
    pngChunk("tEXt", text("Author\0me")),
    pngChunk("iTXt", text("XML:com.adobe.xmp\0\0\0\0\0<x exif:GPSLatitude='48'/>")),
    pngChunk("tIME", Uint8Array.of(7, 234, 1, 1, 1, 1, 1)),
    pngChunk("caBX", text("jumb")),
    pngChunk("prVt", text("private")),
  ];

  test.each([
    ["plain", {}],
    ["interlaced", { progressive: true }],
    ["with a palette", { palette: true }],
  ])("is the picture alone: %s", async (_, options) => {
    const png = await picture().png(options).toBuffer();
    const file = pngWith(png, notes, text("behind"));
    expect(scan("image/png", file).found).toEqual(
      expect.arrayContaining([
        "exif",
        "gps",
        "serial_number",
        "xmp",
        "text",
        "time",
        "content_credentials",
        "other",
        "appended_data",
      ]),
    );
    const left = await expectSamePicture("image/png", file);
    expect(left.length).toBe(stripped("image/png", png).length + 38);
    expect(sniff(left).image?.orientation).toBe(6);
  });
});

describe("what leaves of a WebP", () => {
  const notes = [webpChunk("EXIF", telltaleExif(6)), webpChunk("XMP ", text("<x/>")), webpChunk("C2PA", text("odd"))];

  test.each([
    ["lossy", {}, false],
    ["lossless", { lossless: true }, false],
    ["with alpha", {}, true],
  ])("is the picture alone: %s", async (_, options, alpha) => {
    const source = alpha ? picture().ensureAlpha(0.5) : picture();
    const webp = await source.webp(options).toBuffer();
    const file = webpWith(webp, notes, text("behind"));
    file[20]! |= 0x0c;
    expect(scan("image/webp", file).found).toEqual(
      expect.arrayContaining([
        "exif",
        "gps",
        "serial_number",
        "thumbnail",
        "xmp",
        "content_credentials",
        "appended_data",
      ]),
    );
    const left = await expectSamePicture("image/webp", file);
    expect(sniff(left).image?.orientation).toBe(6);
    expect(left[20]! & 0x0c).toBe(0x08);
  });

  test("is the whole animation", async () => {
    const still = new Uint8Array(await picture().webp().toBuffer());
    const frame = { left: 0, top: 0, width: 24, height: 16, still };
    const file = webpWith(animation({ width: 24, height: 16 }, [frame, frame]), notes);
    file[20]! |= 0x0c;
    await expectSamePicture("image/webp", file);
    expect((await sharp(stripped("image/webp", file), { animated: true }).metadata()).pages).toBe(2);
  });

  test("of one without an extended header is not turned, as it was not before", async () => {
    const webp = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .webp()
      .toBuffer();
    const left = stripped("image/webp", webpWith(webp, notes));
    expect(left).toEqual(new Uint8Array(webp));
  });
});

describe.each(["jpeg", "png", "webp"] as const)("a %s that another program wrote", (format) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "leaves as the picture alone, turned as it was: orientation %i",
    async (orientation) => {
      const file = await picture()
        .withExif({
          IFD0: { Copyright: "me", Make: "Maker" },
          IFD2: { BodySerialNumber: SERIAL_NUMBER },
          IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 51/1 29/1" },
        })
        .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'><r/></x:xmpmeta>")
        .withMetadata({ orientation })
        .toFormat(format)
        .toBuffer();
      expect(scan(`image/${format}`, file).found).toEqual(
        expect.arrayContaining(["exif", "gps", "serial_number", "xmp"]),
      );
      await expectSamePicture(`image/${format}`, new Uint8Array(file));
    },
  );
});

test("a file without metadata leaves as it came", async () => {
  const clean = sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } });
  for (const format of ["jpeg", "png", "webp"] as const) {
    expect(scan(`image/${format}`, await clean.clone().toFormat(format).toBuffer())).toEqual({ found: [], cuts: [] });
  }
});

test("the thumbnail's own block is not taken for the picture's", () => {
  expect(readOrientation(telltaleExif(3))).toBe(3);
});
