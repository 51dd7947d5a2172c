import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { kernelBytes, kernelModule, kernelSum, openKernel } from "./open-kernel.ts";

const PAGE_BYTES = 65_536;
const MAX_PAGES = 1280;

/** Reads the limits of the memory section; the JavaScript API does not tell them. */
function memoryLimits(wasm: Uint8Array): { pages: number; maxPages: number | undefined } {
  let at = 8;
  const readNumber = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const section = wasm[at++];
    const length = readNumber();
    if (section !== 5) {
      at += length;
      continue;
    }
    readNumber();
    const hasMaximum = readNumber() === 1;
    return { pages: readNumber(), maxPages: hasMaximum ? readNumber() : undefined };
  }
  throw new Error("no memory section");
}

describe("the kernel's file", () => {
  it("is the one whose checksum is committed beside it", () => {
    expect(kernelSum).toBe(`${createHash("sha256").update(kernelBytes).digest("hex")}  kernel.wasm\n`);
  });

  it("imports nothing at all", () => {
    expect(WebAssembly.Module.imports(kernelModule)).toEqual([]);
  });

  it("can never grow past 80 MiB", () => {
    expect(memoryLimits(kernelBytes).maxPages).toBe(MAX_PAGES);
    const { memory } = openKernel();
    expect(() => memory.grow(MAX_PAGES - memory.buffer.byteLength / PAGE_BYTES + 1)).toThrow(RangeError);
  });
});

describe("the kernel's memory", () => {
  it.each([90_000_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1])("answers 0 to a wish for %i bytes", (bytes) => {
    expect(openKernel().call("alloc", bytes)).toBe(0);
  });

  it("answers 0 when it is full, and gives again what was released", () => {
    const kernel = openKernel();
    const taken: number[] = [];
    for (let block = kernel.call("alloc", 10_000_000); block !== 0; block = kernel.call("alloc", 10_000_000)) {
      taken.push(block);
    }
    expect(taken.length).toBeGreaterThanOrEqual(7);
    for (const block of taken) kernel.call("release", block);
    expect(kernel.call("alloc", 60_000_000)).not.toBe(0);
  });

  it("answers 0 to a picture that does not fit, and still works", () => {
    const kernel = openKernel();
    const pixel = kernel.put(new Uint8Array([1, 2, 3, 255]));
    expect(kernel.call("resize", pixel, 1, 1, 0, 0, 1, 1, 6000, 6000, 0)).toBe(0);
    expect(kernel.call("resize", pixel, 1, 1, 0, 0, 1, 1, 2 ** 31 - 1, 2 ** 31 - 1, 0)).toBe(0);
    const pointer = kernel.call("resize", pixel, 1, 1, 0, 0, 1, 1, 2, 1, 0);
    expect([...kernel.take({ pointer, width: 2, height: 1 })]).toEqual([1, 2, 3, 255, 1, 2, 3, 255]);
  });

  it("does not grow over a hundred jobs of the same size", () => {
    const kernel = openKernel();
    const picture = new Uint8Array(400 * 300 * 4).fill(128);
    const job = () => {
      kernel.resize(picture, [400, 300], [150, 150]);
      kernel.stream(picture, [400, 300], [64, 48], 1);
      // An unfinished one is dropped by the next.
      kernel.call("scaler_open", 400, 300, 200, 150, 1);
    };
    // The first few find their places.
    for (let i = 0; i < 5; i++) job();
    const bytes = kernel.memory.buffer.byteLength;
    for (let i = 0; i < 100; i++) job();
    expect(kernel.memory.buffer.byteLength).toBe(bytes);
  });
});

describe("orient", () => {
  const PICTURE = { width: 2, height: 3, letters: "abcdef" };

  /** How an upright "ab / cd / ef" is stored under each orientation. */
  it.each([
    [1, 2, "abcdef"],
    [2, 2, "badcfe"],
    [3, 2, "fedcba"],
    [4, 2, "efcdab"],
    [5, 3, "acebdf"],
    [6, 3, "bdface"],
    [7, 3, "fdbeca"],
    [8, 3, "ecafdb"],
  ])("stands orientation %i upright", (orientation, width, stored) => {
    const kernel = openKernel();
    const pixels = Uint8Array.from(stored.split("").flatMap((letter) => Array(4).fill(letter.charCodeAt(0))));
    const pointer = kernel.call("orient", kernel.put(pixels), width, 6 / width, orientation);
    const upright = kernel.take({ pointer, ...PICTURE });
    const letters = Array.from({ length: 6 }, (_, i) => String.fromCharCode(upright[i * 4]!)).join("");
    expect(letters).toBe(PICTURE.letters);
  });

  it("moves every pixel of a picture larger than its tiles", () => {
    const kernel = openKernel();
    const [width, height] = [37, 50];
    const ids = Uint32Array.from({ length: width * height }, (_, i) => i);
    const pointer = kernel.call("orient", kernel.put(new Uint8Array(ids.buffer)), width, height, 6);
    const turned = new Uint32Array(kernel.take({ pointer, width: height, height: width }).buffer);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < height; x++) expect(turned[y * height + x]).toBe((height - 1 - x) * width + y);
    }
  });

  it.each([0, 9, -1])("leaves a picture with the unknown orientation %i as it is", (orientation) => {
    const kernel = openKernel();
    const input = kernel.put(new Uint8Array(8));
    expect(kernel.call("orient", input, 2, 1, orientation)).toBe(input);
  });
});
