import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { psnrOf } from "../../support/psnr.ts";
import { expectSamePixels, openKernel } from "./open-kernel.ts";

const WIDTH = 1200;
const HEIGHT = 900;
const SMALL: [number, number] = [300, 225];

/** Smooth colours, hard edges at several scales and a little noise. */
function paintPhoto(): Buffer {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  let state = 7;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      const edge = Math.hypot(x - 600, y - 450) % 240 < 120 ? 35 : 0;
      const bars = y > 700 && (x >> 4) % 2 === 0 ? 40 : 0;
      const noise = state >>> 29;
      const at = (y * WIDTH + x) * 3;
      pixels[at] = 40 + (x * 130) / WIDTH + edge + noise;
      pixels[at + 1] = 50 + (y * 120) / HEIGHT + edge + bars + noise;
      pixels[at + 2] = 110 + 35 * Math.sin(x / 70) + edge + noise;
    }
  }
  return pixels;
}

/** What native Lanczos3 makes of every decoded pixel. */
async function referenceOf(file: Uint8Array, [width, height]: [number, number]): Promise<Uint8Array> {
  // Decoded first: in one pipeline sharp would scale while decoding, too.
  const { data, info } = await sharp(file).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  const { width: fullWidth, height: fullHeight, channels } = info;
  return sharp(data, { raw: { width: fullWidth, height: fullHeight, channels } })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer();
}

const photo = () => sharp(paintPhoto(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

const KINDS = {
  "4:2:0": () => photo().jpeg({ quality: 90 }),
  "4:4:4": () => photo().jpeg({ quality: 90, chromaSubsampling: "4:4:4" }),
  "progressive 4:2:0": () => photo().jpeg({ quality: 90, progressive: true }),
  grey: () => photo().toColourspace("b-w").jpeg({ quality: 90 }),
  "with restart markers and optimised": () => photo().jpeg({ quality: 90, mozjpeg: true }),
};

let plain: Buffer;

beforeAll(async () => {
  plain = await KINDS["4:2:0"]().toBuffer();
});

describe("a JPEG", () => {
  it.each(Object.entries(KINDS))("%s comes out as full decoding with native Lanczos makes it", async (_, encode) => {
    const file = await encode().toBuffer();
    const kernel = openKernel();
    const reference = await referenceOf(file, SMALL);
    for (const numerator of [2, 3, 4, 5, 6, 7, 8]) {
      expect(psnrOf(kernel.decode(file, numerator, SMALL), reference)).toBeGreaterThan(34);
    }
    expect(psnrOf(kernel.decode(file, 8, SMALL), reference)).toBeGreaterThan(48);
    expect(kernel.call("jpeg_warnings")).toBe(0);
  });

  it("keeps every edge in its place where the scale leaves part of a sample over", async () => {
    // Seven eighths of it are 1042.125 × 783.125 samples; the decoder hands out 1043 × 784.
    const file = await photo().extract({ left: 0, top: 0, width: 1191, height: 895 }).jpeg({ quality: 90 }).toBuffer();
    const size: [number, number] = [1000, 751];
    expect(psnrOf(openKernel().decode(file, 7, size), await referenceOf(file, size))).toBeGreaterThan(46);
  });

  it("at its own size has the very pixels of native libjpeg-turbo", async () => {
    const kernel = openKernel();
    const pixels = kernel.decode(plain, 8, [WIDTH, HEIGHT]);
    expect(psnrOf(pixels, await sharp(plain).ensureAlpha().raw().toBuffer())).toBeGreaterThan(55);
  });

  it("tells its facts before it is decoded", async () => {
    const kernel = openKernel();
    const facts = (file: Uint8Array) => {
      expect(kernel.call("jpeg_open", kernel.put(file), file.length)).toBe(1);
      return ["width", "height", "components", "progressive"].map((name) => kernel.call(`jpeg_${name}`));
    };
    expect(facts(plain)).toEqual([WIDTH, HEIGHT, 3, 0]);
    expect(facts(await KINDS["progressive 4:2:0"]().toBuffer())).toEqual([WIDTH, HEIGHT, 3, 1]);
    expect(facts(await KINDS.grey().toBuffer())).toEqual([WIDTH, HEIGHT, 1, 0]);
    kernel.call("jpeg_close");
    expect(kernel.call("jpeg_width")).toBe(0);
  });

  it("in CMYK shows the colours that its inks leave", async () => {
    const file = await photo().toColourspace("cmyk").jpeg({ quality: 95, chromaSubsampling: "4:4:4" }).toBuffer();
    const inks = await sharp(file).pipelineColourspace("cmyk").toColourspace("cmyk").raw().toBuffer();
    const expected = new Uint8Array(WIDTH * HEIGHT * 4).fill(255);
    for (let at = 0; at < expected.length; at += 4) {
      for (const channel of [0, 1, 2]) {
        expected[at + channel] = ((255 - inks[at + channel]!) * (255 - inks[at + 3]!)) / 255;
      }
    }
    const kernel = openKernel();
    expect(psnrOf(kernel.decode(file, 8, [WIDTH, HEIGHT]), expected)).toBeGreaterThan(40);
    expect(psnrOf(kernel.decode(file, 2, SMALL), kernel.resize(expected, [WIDTH, HEIGHT], SMALL))).toBeGreaterThan(34);
  });

  it.each([
    [1, 1],
    [7, 3],
    [1, 500],
    [65, 33],
  ])("of %i × %i decodes at every scale to every size", async (width, height) => {
    const background = { r: 200, g: 100, b: 50 };
    const file = await sharp({ create: { width, height, channels: 3, background } })
      .jpeg({ quality: 100 })
      .toBuffer();
    const kernel = openKernel();
    for (const numerator of [1, 2, 3, 4, 5, 6, 7, 8]) {
      for (const to of [
        [1, 1],
        [5, 9],
        [width, height],
      ] as Array<[number, number]>) {
        const pixels = kernel.decode(file, numerator, to);
        expect(psnrOf(pixels, kernel.resize(new Uint8Array([200, 100, 50, 255]), [1, 1], to))).toBeGreaterThan(40);
      }
    }
  });

  it("that was cut off shows what is there, and says that it is damaged", () => {
    const kernel = openKernel();
    const half = plain.subarray(0, plain.length / 2);
    const pixels = kernel.decode(half, 4, SMALL);
    expect(kernel.call("jpeg_warnings")).toBeGreaterThan(0);
    const whole = kernel.decode(plain, 4, SMALL);
    const topRows = SMALL[0] * 4 * Math.floor(SMALL[1] / 4);
    expectSamePixels(pixels.subarray(0, topRows), whole.subarray(0, topRows));
  });

  it("cannot make the decoder work for an absurd number of scans", async () => {
    const file = await KINDS["progressive 4:2:0"]().toBuffer();
    const lastScan = file.lastIndexOf(Buffer.from([0xff, 0xda]));
    const scan = file.subarray(lastScan, file.length - 2);
    const repeated = Buffer.concat([file.subarray(0, lastScan), ...Array(150).fill(scan.subarray(0, 14))]);
    expect(() => openKernel().decode(repeated, 8, SMALL)).toThrow(WebAssembly.RuntimeError);
  });
});

describe("a JPEG larger than the memory", () => {
  it("traps before a pixel is written", async () => {
    const file = await KINDS["progressive 4:2:0"]().toBuffer();
    const frame = file.indexOf(Buffer.from([0xff, 0xc2]));
    file.writeUInt16BE(60_000, frame + 5);
    file.writeUInt16BE(60_000, frame + 7);
    const kernel = openKernel();
    expect(() => kernel.decode(file, 1, SMALL)).toThrow(WebAssembly.RuntimeError);
    expect(kernel.memory.buffer.byteLength).toBeLessThanOrEqual(80 * 1024 * 1024);
  });
});

describe("what is no picture", () => {
  it.each([
    ["nothing", new Uint8Array(0)],
    ["text", new TextEncoder().encode("This is no JPEG.")],
    ["a JPEG's beginning and no more", new Uint8Array([0xff, 0xd8, 0xff, 0xe0])],
  ])("traps at %s, and a fresh instance works", (_, bytes) => {
    const broken = openKernel();
    expect(() => broken.call("jpeg_open", broken.put(bytes), bytes.length)).toThrow(WebAssembly.RuntimeError);
    expect(openKernel().decode(plain, 4, SMALL)).toHaveLength(SMALL[0] * SMALL[1] * 4);
  });

  it("answers 0 when nothing is open or an argument makes no sense", () => {
    const kernel = openKernel();
    expect(kernel.call("jpeg_decode", 8, 10, 10)).toBe(0);
    for (const args of [
      [0, 10, 10],
      [9, 10, 10],
      [8, 0, 10],
      [8, 10, -1],
      [8, 20_000, 20_000],
    ]) {
      const file = kernel.put(plain);
      expect(kernel.call("jpeg_open", file, plain.length)).toBe(1);
      expect(kernel.call("jpeg_decode", ...args)).toBe(0);
      kernel.call("release", file);
    }
    expect(kernel.decode(plain, 4, SMALL)).toHaveLength(SMALL[0] * SMALL[1] * 4);
  });
});
