import { describe, expect, it, vi } from "vitest";
import type { ImageHeader, Orientation } from "../../../shared/image-header/header.ts";
import { workingSize } from "../../../shared/image-header/working-size.ts";
import { fail, ok } from "../../../shared/result.ts";
import type { Workbench } from "../../../workers/resizer/src/codecs/codec.ts";
import { type Picture, sameSize } from "../../../workers/resizer/src/codecs/picture.ts";
import { runPipeline } from "../../../workers/resizer/src/pipeline.ts";
import { jpegHeader } from "../jpeg-header.ts";

const original = { stream: new ReadableStream<Uint8Array>(), bytes: 0 };

function headerOf(width: number, height: number, orientation: Orientation = 1): ImageHeader {
  return jpegHeader({ width, height, orientation });
}

/** Codecs that make pictures of the right size, and remember which of them are held and what they encoded. */
function rememberingBench(header: ImageHeader) {
  const held = new Set<Picture>();
  const encodings: string[] = [];
  const make = (width: number, height: number) => {
    const picture = { address: held.size + 1, width, height, alpha: false };
    held.add(picture);
    return picture;
  };
  const free = (picture: Picture) => {
    expect(held.delete(picture), "what is freed was held").toBe(true);
  };
  const bench: Workbench = {
    peakBytes: 0,
    async decode() {
      const { width, height } = workingSize(header);
      return ok({ header, picture: make(width, height) });
    },
    async resize(picture, crop, size) {
      expect(held.has(picture), "what is resized is held").toBe(true);
      return crop === null && sameSize(picture, size) ? picture : make(size.width, size.height);
    },
    orient(picture, orientation) {
      if (orientation === 1) return picture;
      free(picture);
      return orientation >= 5 ? make(picture.height, picture.width) : make(picture.width, picture.height);
    },
    async encode(picture) {
      expect(held.has(picture), "what is encoded is held").toBe(true);
      encodings.push(`${picture.width}x${picture.height}`);
      return new Uint8Array(4);
    },
    read({ width, height }) {
      return new Uint8ClampedArray(width * height * 4).fill(255);
    },
    free,
    close() {},
  };
  return { bench, held, encodings };
}

describe("the pipeline", () => {
  it.each([
    [2000, 1000, 1],
    [2000, 1000, 6],
    [300, 200, 1],
    [300, 200, 8],
    [3000, 200, 3],
    [1, 1, 5],
  ] as const)("frees every picture of %i × %i pixels, orientation %i", async (width, height, orientation) => {
    const { bench, held, encodings } = rememberingBench(headerOf(width, height, orientation));
    expect(await runPipeline(bench, original, ["webp"], async () => ok(null))).toMatchObject({ ok: true });
    expect(encodings.length).toBeGreaterThan(0);
    expect(held.size).toBe(0);
  });

  it("stops when the attempt is lost half-way", async () => {
    const { bench, encodings } = rememberingBench(headerOf(2000, 1000));
    const lost = fail("attempt_lost", "Another attempt has it.");
    expect(await runPipeline(bench, original, ["webp"], async () => lost)).toEqual(lost);
    expect(encodings).toEqual(["1920x960"]);
  });

  it("makes variants that stand upright", async () => {
    const { bench, encodings } = rememberingBench(headerOf(4032, 3024, 6));
    await runPipeline(bench, original, ["webp"], async () => ok(null));
    expect(encodings).toEqual(["1440x1920", "768x1024", "360x480", "150x150"]);
  });

  it("encodes a small picture once for all the names it goes by", async () => {
    const { bench, encodings } = rememberingBench(headerOf(300, 200));
    const names: string[] = [];
    await runPipeline(bench, original, ["webp"], async ({ name }) => {
      names.push(name);
      return ok(null);
    });
    expect(names).toEqual(["large", "medium", "small", "thumbnail"]);
    expect(encodings).toEqual(["300x200", "150x150"]);
  });

  it("decodes once for all formats, and encodes one after the other", async () => {
    const { bench, encodings } = rememberingBench(headerOf(2000, 1000));
    const decode = vi.spyOn(bench, "decode");
    const stored: string[] = [];
    await runPipeline(bench, original, ["webp", "jpeg"], async ({ name, format }) => {
      stored.push(`${name} ${format}`);
      return ok(null);
    });
    expect(decode).toHaveBeenCalledOnce();
    expect(encodings).toHaveLength(8);
    expect(stored.map((size) => size.split(" ")[1])).toEqual([...Array(4).fill("webp"), ...Array(4).fill("jpeg")]);
  });

  it("makes nothing of a file that cannot be decoded", async () => {
    const { bench, encodings } = rememberingBench(headerOf(300, 200));
    const refusal = fail("undecodable_image", "The file is damaged.");
    const refusing: Workbench = { ...bench, decode: async () => refusal };
    expect(await runPipeline(refusing, original, ["webp"], async () => ok(null))).toEqual(refusal);
    expect(encodings).toEqual([]);
  });
});
