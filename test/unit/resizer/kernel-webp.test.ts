import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { firstFrame } from "../../../shared/image-header/webp-frame.ts";
import { psnrOf } from "../../support/psnr.ts";
import { animation, type CodeLengths, losslessWithCodes } from "../../worker/resizer/webp-writer.ts";
import { expectSamePixels, type Kernel, openKernel } from "./open-kernel.ts";

const WIDTH = 1203;
const HEIGHT = 901;
const SMALL: [number, number] = [300, 225];

/** How a frame ended: FrameEnd in the kernel. */
const DAMAGED = 0;
const COMPLETE = 1;
const NO_MEMORY = 2;

/** Smooth colours, hard edges and a little noise; the alpha, where there is one, falls off to the right. */
function paint(width: number, height: number, channels: 3 | 4): Buffer {
  const pixels = Buffer.alloc(width * height * channels);
  let state = 7;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const edge = Math.hypot(x - width / 2, y - height / 2) % 240 < 120 ? 60 : 0;
      const noise = state >>> 29;
      const at = (y * width + x) * channels;
      pixels[at] = 40 + (x * 130) / width + edge + noise;
      pixels[at + 1] = 50 + (y * 120) / height + edge + noise;
      pixels[at + 2] = 110 + 35 * Math.sin(x / 70) + edge + noise;
      if (channels === 4) pixels[at + 3] = 255 - (x * 200) / width;
    }
  }
  return pixels;
}

const picture = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp(paint(width, height, channels), { raw: { width, height, channels } });

interface Canvas {
  width: number;
  height: number;
}

/** Decodes the first frame of a file onto a canvas. */
function decode(kernel: Kernel, file: Uint8Array, canvas: Canvas, to: [number, number], alpha = 0) {
  const frame = firstFrame(file);
  if (frame === null) throw new Error("the file has no frame");
  const input = kernel.put(file);
  const { left, top, pixels, alphaPlane } = frame;
  expect(kernel.call("webp_open", canvas.width, canvas.height, left, top, ...to, alpha)).toBe(1);
  const image = [input + pixels.at, Math.min(pixels.length, file.length - pixels.at)];
  const plane = alphaPlane === null ? [0, 0] : [input + alphaPlane.at, alphaPlane.length];
  const end = frame.lossless ? kernel.call("webp_lossless", ...image) : kernel.call("webp_lossy", ...image, ...plane);
  const pointer = kernel.call("webp_close");
  kernel.release(input);
  return { end, pixels: end === COMPLETE ? kernel.take({ pointer, width: to[0], height: to[1] }) : null };
}

/** Decodes a still file at its own size or another. */
async function decodeStill(file: Uint8Array, to?: [number, number]): Promise<Uint8Array> {
  const { width, height, hasAlpha } = await sharp(file).metadata();
  const { pixels } = decode(openKernel(), file, { width, height }, to ?? [width, height], hasAlpha ? 1 : 0);
  if (pixels === null) throw new Error("the kernel refuses the file");
  return pixels;
}

const rgbaOf = (file: Uint8Array) => sharp(file).ensureAlpha().raw().toBuffer();

const KINDS = {
  lossy: { quality: 80 },
  "lossy, strongly filtered": { quality: 10 },
  "lossy, hardly": { quality: 100 },
  "lossy, alpha in few levels": { quality: 80, alphaQuality: 30 },
  lossless: { lossless: true },
  "lossless, nearly": { nearLossless: true, quality: 60 },
} as const;

let sound: Buffer;

beforeAll(async () => {
  sound = await picture(64, 48).webp().toBuffer();
});

describe("a WebP", () => {
  it.each(Object.entries(KINDS))("%s has the very pixels of native libwebp at its own size", async (_kind, options) => {
    for (const [width, height] of [
      [1, 1],
      [2, 3],
      [16, 16],
      [17, 33],
      [301, 202],
    ] as const) {
      for (const channels of [3, 4] as const) {
        const file = await picture(width, height, channels).webp(options).toBuffer();
        expectSamePixels(await decodeStill(file), await rgbaOf(file));
      }
    }
  });

  it.each(Object.entries(KINDS))("%s comes out as full decoding with native Lanczos makes it", async (_, options) => {
    const file = await picture(WIDTH, HEIGHT).webp(options).toBuffer();
    const reference = await sharp(await rgbaOf(file), { raw: { width: WIDTH, height: HEIGHT, channels: 4 } })
      .resize(...SMALL, { fit: "fill", kernel: "lanczos3" })
      .raw()
      .toBuffer();
    expect(psnrOf(await decodeStill(file, SMALL), reference)).toBeGreaterThan(50);
  });

  it("takes memory for rows alone, however tall, unless it is lossless", async () => {
    const size = { width: 800, height: 4000 };
    const used = async (options: object) => {
      const kernel = openKernel();
      const file = await picture(size.width, size.height)
        .webp({ effort: 0, ...options })
        .toBuffer();
      expect(decode(kernel, file, size, [80, 400]).end).toBe(COMPLETE);
      return kernel.memory.buffer.byteLength - file.length;
    };
    expect(await used({ quality: 80 })).toBeLessThan(2_000_000);
    expect(await used({ lossless: true })).toBeGreaterThan(size.width * size.height * 4);
  });

  it.each(["lossy", "lossless"] as const)("%s that was cut off is damaged, wherever", async (kind) => {
    const kernel = openKernel();
    const file = await picture(64, 48).webp(KINDS[kind]).toBuffer();
    for (let length = 40; length < file.length - 4; length += 7) {
      expect(decode(kernel, file.subarray(0, length), { width: 64, height: 48 }, [64, 48]).end).toBe(DAMAGED);
    }
    expect(decode(kernel, sound, { width: 64, height: 48 }, [64, 48]).end).toBe(COMPLETE);
  });

  it("does not let the memory grow over a hundred jobs, sound and damaged", async () => {
    const kernel = openKernel();
    const file = await picture(301, 202, 4).webp().toBuffer();
    const job = () => {
      decode(kernel, file, { width: 301, height: 202 }, [30, 20], 1);
      decode(kernel, file.subarray(0, file.length / 2), { width: 301, height: 202 }, [30, 20], 1);
    };
    job();
    const bytes = kernel.memory.buffer.byteLength;
    for (let i = 0; i < 100; i++) job();
    expect(kernel.memory.buffer.byteLength).toBe(bytes);
  });
});

describe("a frame on a canvas", () => {
  const canvas = { width: 100, height: 80 };

  it.each(["lossy", "lossless"] as const)("%s lies at its place, and around it nothing is to be seen", async (kind) => {
    const still = await picture(37, 21).webp(KINDS[kind]).toBuffer();
    const file = animation(canvas, [{ left: 14, top: 30, width: 37, height: 21, still }]);
    const { pixels } = decode(openKernel(), file, canvas, [canvas.width, canvas.height], 1);
    const expected = await sharp({ create: { ...canvas, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .composite([{ input: await sharp(still).png().toBuffer(), left: 14, top: 30 }])
      .raw()
      .toBuffer();
    expectSamePixels(pixels!, expected);
  });

  it.each([
    [64, 0],
    [0, 60],
    [98, 78],
  ])("that would stick out at %i, %i is damaged", async (left, top) => {
    const still = await picture(37, 21).webp().toBuffer();
    const file = animation(canvas, [{ left, top, width: 37, height: 21, still }]);
    expect(decode(openKernel(), file, canvas, [10, 8], 1).end).toBe(DAMAGED);
  });

  it("must begin within it", () => {
    const kernel = openKernel();
    for (const place of [
      [100, 0],
      [0, 80],
      [-2, 0],
      [0, -2],
    ]) {
      expect(kernel.call("webp_open", 100, 80, ...place, 10, 8, 1)).toBe(0);
    }
    expect(kernel.call("webp_lossy", 0, 0, 0, 0)).toBe(DAMAGED);
    expect(kernel.call("webp_lossless", 0, 0)).toBe(DAMAGED);
    expect(kernel.call("webp_close")).toBe(0);
  });
});

/** Those complete codes for 280, 256 and 40 symbols whose tables are the largest there are: 654, 630 and 410 entries. */
const GREEN: CodeLengths = [0, 1, 1, 0, 0, 0, 0, 0, 0, 3, 229, 41, 1, 1, 1, 2];
const COLOUR: CodeLengths = [0, 1, 1, 0, 0, 0, 0, 0, 0, 7, 241, 1, 1, 1, 1, 2];
const DISTANCE: CodeLengths = [0, 1, 1, 1, 1, 1, 1, 0, 0, 3, 1, 9, 17, 1, 1, 2];
/** An incomplete one for 40 symbols, whose table would have 512. */
const TOO_LARGE: CodeLengths = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 34];

describe("the prefix codes of a lossless WebP", () => {
  const size = { width: 8, height: 8 };
  const withDistance = (distance: CodeLengths) => losslessWithCodes(size, [GREEN, COLOUR, COLOUR, COLOUR, distance]);

  it("may be as unlike as they can, if they are complete", () => {
    const { end, pixels } = decode(openKernel(), withDistance(DISTANCE), size, [8, 8]);
    expect(end).toBe(COMPLETE);
    expect(pixels!.every((channel) => channel === 0)).toBe(true);
  });

  it("do not help a picture that needs more than the memory, and the next one is read", () => {
    const file = withDistance(DISTANCE);
    const { at } = firstFrame(file)!.pixels;
    // Width and height less 1, in 14 bits each, all ones.
    file.fill(0xff, at + 1, at + 4);
    file[at + 4] = file[at + 4]! | 0x0f;
    const kernel = openKernel();
    expect(decode(kernel, file, { width: 16_384, height: 16_384 }, [10, 10]).end).toBe(NO_MEMORY);
    expect(decode(kernel, sound, { width: 64, height: 48 }, [64, 48]).end).toBe(COMPLETE);
  });

  it.each<[string, CodeLengths]>([
    ["lack codes", TOO_LARGE],
    ["have too many short codes", [37, 3]],
    ["have one long code too many", [0, 1, 1, 1, 1, 1, 1, 0, 0, 3, 1, 9, 17, 2, 0, 2]],
    ["are none", [40]],
  ])("are refused when they %s", (_, distance) => {
    const kernel = openKernel();
    expect(decode(kernel, withDistance(distance), size, [8, 8]).end).toBe(DAMAGED);
    expect(decode(kernel, sound, { width: 64, height: 48 }, [64, 48]).end).toBe(COMPLETE);
  });

  /** CVE-2023-4863: the tables of the five codes have room for 2954 entries of 4 bytes, and this file wanted 3056. */
  it("are not written down before they are known to be complete", () => {
    const kernel = openKernel();
    const canary = 0xc5;
    const room = 200_000;
    const heap = kernel.call("alloc", room);
    new Uint8Array(kernel.memory.buffer).fill(canary, heap, heap + room);
    kernel.call("release", heap);
    decode(kernel, withDistance(TOO_LARGE), size, [8, 8]);
    const bytes = [...new Uint8Array(kernel.memory.buffer, heap, room)];
    // Where the fifth table's 410 entries were to begin, everything is as it was.
    const untouched = bytes
      .slice(0, 16_000)
      .join()
      .match(new RegExp(`(${canary},){${4 * 400},}`));
    expect(untouched).not.toBeNull();
  });
});
