import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../random.ts";
import { psnrOf } from "../../support/psnr.ts";
import { type Kernel, openKernel } from "./open-kernel.ts";

const QUALITY = 80;
const RGBA = 4;
/** Markers of ITU-T T.81, table B.1. */
const [SOF0, DHT, SOS, DQT, APP0] = [0xc0, 0xc4, 0xda, 0xdb, 0xe0];

interface Painted {
  width: number;
  height: number;
  data: Uint8Array;
}

type Colour = [red: number, green: number, blue: number, alpha?: number];

function paint(width: number, height: number, colourAt: (x: number, y: number) => Colour): Painted {
  const data = new Uint8Array(width * height * RGBA);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue, alpha = 255] = colourAt(x, y);
      data.set([red, green, blue, alpha], (y * width + x) * RGBA);
    }
  }
  return { width, height, data };
}

/** Soft colours, hard edges and grain. */
function paintPhoto(width: number, height: number): Painted {
  const random = seededRandom(7);
  return paint(width, height, (x, y) => {
    const grain = random() * 12;
    const edge = Math.hypot(x - width / 2, y - height / 2) % 240 < 120 ? 35 : 0;
    return [
      40 + (x * 130) / width + edge + grain,
      50 + (y * 120) / height + edge + grain,
      110 + 35 * Math.sin(x / 70) + edge + grain,
    ];
  });
}

function paintNoise(width: number, height: number): Painted {
  const random = seededRandom(7);
  return paint(width, height, () => [random() * 255, random() * 255, random() * 255]);
}

/** Encodes on a kernel and takes the file out; null when the kernel answers 0. */
function encodeOn(kernel: Kernel, { width, height, data }: Painted, quality = QUALITY, alpha = 0): Buffer | null {
  const pixels = kernel.put(data);
  const file = kernel.call("jpeg_encode", pixels, width, height, alpha, quality);
  const bytes = kernel.call("jpeg_encoded_bytes");
  const taken = file === 0 ? null : Buffer.from(new Uint8Array(kernel.memory.buffer, file, bytes));
  kernel.call("release", file);
  kernel.call("release", pixels);
  return taken;
}

function encode(painted: Painted, quality = QUALITY, alpha = 0): Buffer {
  const file = encodeOn(openKernel(), painted, quality, alpha);
  if (file === null) throw new Error("the kernel gave no file");
  return file;
}

function colours({ width, height, data }: Painted) {
  return sharp(data, { raw: { width, height, channels: RGBA } }).removeAlpha();
}

/** What libjpeg-turbo makes of the same pixels. From quality 90 on libvips would keep chroma whole. */
function libvips(painted: Painted, quality: number): Promise<Buffer> {
  return colours(painted).jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer();
}

/** How near a file comes to what was painted, in decibels. */
async function nearnessOf(file: Buffer, painted: Painted): Promise<number> {
  return psnrOf(await sharp(file).raw().toBuffer(), await colours(painted).raw().toBuffer());
}

/** The segments before the scan, as marker and content. */
function segmentsOf(file: Buffer): Array<{ marker: number; content: Buffer }> {
  const segments: Array<{ marker: number; content: Buffer }> = [];
  for (let at = 2; segments.at(-1)?.marker !== SOS; ) {
    const length = file.readUInt16BE(at + 2);
    segments.push({ marker: file[at + 1]!, content: file.subarray(at + 4, at + 2 + length) });
    at += 2 + length;
  }
  return segments;
}

describe("a JPEG made by the kernel", () => {
  it.each([10, 50, 80, 95, 100])(
    "at quality %i is as near to its pixels as libjpeg-turbo's and hardly larger",
    async (quality) => {
      for (const painted of [paintPhoto(1500, 1100), paintPhoto(333, 217), paintNoise(150, 150)]) {
        const [ours, theirs] = [encode(painted, quality), await libvips(painted, quality)];
        expect(await nearnessOf(ours, painted)).toBeGreaterThan((await nearnessOf(theirs, painted)) - 0.3);
        expect(ours.length).toBeLessThan(theirs.length * 1.03);
      }
    },
  );

  it.each([
    [1, 1],
    [7, 3],
    [8, 8],
    [9, 16],
    [16, 17],
    [500, 1],
    [1, 500],
    [65, 33],
    [24_000, 2],
  ])("of %i × %i pixels has that size and those colours up to its borders", async (width, height) => {
    const file = encode(paint(width, height, () => [200, 100, 50]));
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([width, height, 3]);
    for (let i = 0; i < data.length; i++) expect(Math.abs(data[i]! - [200, 100, 50][i % 3]!)).toBeLessThanOrEqual(3);
  });

  it("holds JFIF's segment and no other metadata", async () => {
    const file = encode(paintPhoto(200, 100));
    const segments = segmentsOf(file);
    expect(segments.map(({ marker }) => marker)).toEqual([APP0, DQT, DQT, SOF0, DHT, DHT, DHT, DHT, SOS]);
    expect(segments[0]!.content).toEqual(Buffer.from("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "latin1"));
    expect(file.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]));
    expect(await sharp(file).metadata()).toMatchObject({ chromaSubsampling: "4:2:0", isProgressive: false });
  });

  it("keeps grey grey", async () => {
    const file = encode(paint(64, 64, (x, y) => [x + y, x + y, x + y]));
    const data = await sharp(file).raw().toBuffer();
    for (let at = 0; at < data.length; at += 3) expect([data[at + 1], data[at + 2]]).toEqual([data[at], data[at]]);
  });

  it("shows white through what is transparent, and only then", async () => {
    const half = paint(160, 40, (x) => [0, 0, 200, x < 80 ? 0 : 128]);
    const pixelAt = async (file: Buffer, x: number) => {
      const pixel = sharp(file).extract({ left: x, top: 20, width: 1, height: 1 });
      return [...(await pixel.raw().toBuffer())];
    };
    const expectNear = (found: number[], expected: Colour) => {
      for (const [i, value] of found.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(3);
    };
    const onWhite = encode(half, QUALITY, 1);
    expectNear(await pixelAt(onWhite, 20), [255, 255, 255]);
    expectNear(await pixelAt(onWhite, 140), [127, 127, 227]);
    expectNear(await pixelAt(encode(half, QUALITY, 0), 20), [0, 0, 200]);
  });

  it("may hold anywhere what its sampled tiles do not hint at", async () => {
    const noise = paintNoise(640, 640);
    const flat = paint(640, 640, (x, y) => {
      // The first 8 of every 61 tiles of 16 × 16 are looked at for the codes.
      const isSampled = (Math.floor(y / 16) * 40 + Math.floor(x / 16)) % 61 < 8;
      const at = (y * 640 + x) * RGBA;
      return isSampled ? [128, 128, 128] : [noise.data[at]!, noise.data[at + 1]!, noise.data[at + 2]!];
    });
    const theirs = await nearnessOf(await libvips(flat, 100), flat);
    expect(await nearnessOf(encode(flat, 100), flat)).toBeGreaterThan(theirs - 0.3);
  });

  it("has no code of more than 16 bits, however rare a pattern is", async () => {
    const painted = paintByFibonacci();
    const file = encode(painted);
    const tables = segmentsOf(file).filter(({ marker }) => marker === DHT);
    // A byte for the table's number, then how many codes have 1, 2, … 16 bits.
    expect(Math.max(...tables.map(({ content }) => content[16]!))).toBeGreaterThan(0);
    const theirs = await nearnessOf(await libvips(painted, QUALITY), painted);
    expect(await nearnessOf(file, painted)).toBeGreaterThan(theirs - 0.3);
  });

  it("grows far beyond what a photo takes", () => {
    const noise = paintNoise(800, 600);
    expect(encode(noise, 100).length).toBeGreaterThan(800 * 600);
  });
});

describe("the kernel's encoder", () => {
  it.each([
    [0, 10, 80],
    [10, -1, 80],
    [65_536, 1, 80],
    [10, 10, 0],
    [10, 10, 101],
  ])("answers 0 to %i × %i pixels at quality %i", (width, height, quality) => {
    const kernel = openKernel();
    expect(kernel.call("jpeg_encode", kernel.put(new Uint8Array(400)), width, height, 0, quality)).toBe(0);
    expect(kernel.call("jpeg_encoded_bytes")).toBe(0);
  });

  it("answers 0 when the memory is full, at its start or midway, and works again once there is some", () => {
    const kernel = openKernel();
    const noise = paintNoise(800, 600);
    const pixels = kernel.put(noise.data);
    const taken: number[] = [];
    const fill = (bytes: number) => {
      for (let block = kernel.call("alloc", bytes); block !== 0; block = kernel.call("alloc", bytes)) taken.push(block);
    };
    // Between what is taken at first for 800 × 600 pixels and what noise comes to.
    const room = kernel.call("alloc", 300_000);
    fill(1_000_000);
    fill(10_000);
    kernel.call("release", room);
    expect(kernel.call("jpeg_encode", pixels, 800, 600, 0, 100)).toBe(0);
    fill(10_000);
    expect(kernel.call("jpeg_encode", pixels, 800, 600, 0, 100)).toBe(0);
    for (const block of taken) kernel.call("release", block);
    expect(encodeOn(kernel, noise, 100)!.equals(encode(noise, 100))).toBe(true);
  });

  it("leaves the picture as it is, and gives the same file each time in the same memory", () => {
    const kernel = openKernel();
    const photo = paintPhoto(600, 400);
    const pixels = kernel.put(photo.data);
    const first = encodeOn(kernel, photo);
    const size = kernel.memory.buffer.byteLength;
    for (let i = 0; i < 50; i++) expect(encodeOn(kernel, photo)!.equals(first!)).toBe(true);
    expect(kernel.memory.buffer.byteLength).toBe(size);
    expect(Buffer.compare(kernel.take({ pointer: pixels, width: 600, height: 400 }), photo.data)).toBe(0);
  });
});

/** Blocks of one cosine each; of each kind about as many as of the two rarer ones together, which makes codes longest. */
function paintByFibonacci(): Painted {
  const fibonacci = [1, 1];
  while (fibonacci.length < 20) fibonacci.push(fibonacci.at(-1)! + fibonacci.at(-2)!);
  const kinds = fibonacci.flatMap((many, kind) => Array<number>(many).fill(kind));
  const blocks = Math.ceil(Math.sqrt(kinds.length));
  return paint(blocks * 8, blocks * 8, (x, y) => {
    const kind = kinds[Math.floor(y / 8) * blocks + Math.floor(x / 8)] ?? 0;
    const across = Math.cos(((2 * (x % 8) + 1) * (kind % 5) * Math.PI) / 16);
    const down = Math.cos(((2 * (y % 8) + 1) * (1 + Math.floor(kind / 5)) * Math.PI) / 16);
    const grey = 128 + 100 * across * down;
    return [grey, grey, grey];
  });
}
