import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { fail, ok } from "../../../shared/result.ts";
import type { Codec } from "../../../workers/resizer/src/codecs/codec.ts";
import { orientPixels } from "../../../workers/resizer/src/codecs/orient.ts";
import type { Pixels } from "../../../workers/resizer/src/codecs/pixels.ts";
import { runPipeline } from "../../../workers/resizer/src/pipeline.ts";

function blank(width: number, height: number): Pixels {
  return { width, height, data: new Uint8ClampedArray(width * height * 4), alpha: false };
}

/** A codec that makes pictures of the right size and remembers all of them, and every encoding it was asked for. */
function rememberingCodec() {
  const pictures: Pixels[] = [];
  const encodings: string[] = [];
  const remember = (picture: Pixels) => {
    pictures.push(picture);
    return picture;
  };
  const codec: Codec = {
    decode: async (_bytes, { width, height }) => ok(remember(blank(width, height))),
    async resize(picture, crop, width, height) {
      const isAsAsked = crop === null && picture.width === width && picture.height === height;
      return isAsAsked ? picture : remember(blank(width, height));
    },
    orient: (picture, orientation) => remember(orientPixels(picture, orientation)),
    async encodeWebp({ width, height, data }) {
      expect(data.length).toBe(width * height * 4);
      encodings.push(`${width}x${height}`);
      return new Uint8Array(4);
    },
    dropLargeInstances() {},
  };
  return { codec, pictures, encodings };
}

function photo(width: number, height: number, orientation = 1): Promise<Buffer> {
  const picture = sharp({ create: { width, height, channels: 3, background: "#336699" } });
  return picture.withMetadata({ orientation }).jpeg().toBuffer();
}

describe("the pipeline", () => {
  it.each([
    [2000, 1000, 1],
    [2000, 1000, 6],
    [300, 200, 1],
    [300, 200, 8],
    [3000, 200, 3],
  ])("gives back the memory of every picture of %i × %i pixels, orientation %i", async (width, height, orientation) => {
    const { codec, pictures } = rememberingCodec();
    await runPipeline(codec, await photo(width, height, orientation), async () => ok(null));
    expect(pictures.length).toBeGreaterThan(1);
    for (const picture of pictures) expect(picture.data.length).toBe(0);
  });

  it("gives it back when the attempt is lost half-way, and stops", async () => {
    const { codec, pictures, encodings } = rememberingCodec();
    const lost = fail("attempt_lost", "Another attempt has it.");
    expect(await runPipeline(codec, await photo(2000, 1000), async () => lost)).toEqual(lost);
    expect(encodings).toEqual(["1920x960"]);
    for (const picture of pictures) expect(picture.data.length).toBe(0);
  });

  it("encodes a small picture once for all the names it goes by", async () => {
    const { codec, encodings } = rememberingCodec();
    const names: string[] = [];
    await runPipeline(codec, await photo(300, 200), async ({ name }) => {
      names.push(name);
      return ok(null);
    });
    expect(names).toEqual(["large", "medium", "small", "thumbnail"]);
    expect(encodings).toEqual(["300x200", "150x150"]);
  });

  it("decodes nothing that its header forbids", async () => {
    const { codec, pictures } = rememberingCodec();
    const refused = await runPipeline(codec, await photo(5000, 4000), async () => ok(null));
    expect(refused).toEqual(fail("image_too_large", "The picture has 20.0 megapixels; the most is 16."));
    expect(pictures).toEqual([]);
  });
});
