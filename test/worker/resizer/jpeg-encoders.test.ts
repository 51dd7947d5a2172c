import { describe, expect, it } from "vitest";
import { sniff } from "../../../shared/image-header/sniff.ts";
import type { Encoder } from "../../../workers/resizer/src/codecs/encoder.ts";
import type { Instance } from "../../../workers/resizer/src/codecs/instance.ts";
import { fastJpegEncoder, smallJpegEncoder } from "../../../workers/resizer/src/codecs/jpeg-encoder.ts";
import { Kernel } from "../../../workers/resizer/src/codecs/kernel.ts";
import { compare, photo, pixelsOf, seeThrough } from "./pictures.ts";

/** At this distance people see no difference. */
const PSNR_MIN_DB = 30;
const ENCODERS = [
  ["fast", fastJpegEncoder],
  ["small", smallJpegEncoder],
] as const;

/** Decodes a file elsewhere, lays its pixels into a kernel and encodes them. */
async function encode(encoder: Instance<Encoder>, file: Uint8Array, alpha = false): Promise<Uint8Array> {
  const { width, height, data } = await pixelsOf(file);
  const kernel = new Kernel();
  const address = kernel.alloc(data.length);
  if (address === null) throw new Error("a fresh kernel has no memory");
  const picture = { address, width, height, alpha };
  kernel.pixels(picture).set(data);
  const encoded = await encoder.use((api) => api.encode(kernel, picture));
  expect(kernel.pixels(picture).every((channel, at) => channel === data[at])).toBe(true);
  return encoded;
}

describe.each(ENCODERS)("the %s JPEG encoder", (_, open) => {
  it.each([
    [1, 1],
    [150, 150],
    [333, 217],
    [3, 1920],
  ])("encodes %i × %i pixels for libvips to read", async (width, height) => {
    const original = await photo({ width, height, format: "png" });
    const file = await encode(open(), original);
    const found = await compare(original, file, "inside");
    expect([found.width, found.height]).toEqual([width, height]);
    expect(found.psnr).toBeGreaterThanOrEqual(PSNR_MIN_DB);
    expect(sniff(file).image).toMatchObject({ format: "jpeg", width, height, orientation: 1 });
  });

  it("gives a file that the next picture does not overwrite", async () => {
    const encoder = open();
    const first = await encode(encoder, await photo({ width: 300, height: 200, format: "png" }));
    const kept = first.slice();
    await encode(encoder, await seeThrough({ width: 300, height: 200, format: "png" }), true);
    expect(first).toEqual(kept);
  });

  it("shows white through what is transparent", async () => {
    const file = await encode(open(), await seeThrough({ width: 96, height: 64, format: "png" }), true);
    const { data } = await pixelsOf(file);
    for (const channel of data.subarray(0, 3)) expect(channel).toBeGreaterThanOrEqual(250);
  });
});

it("the small JPEG encoder takes fewer bytes than the fast one", async () => {
  const original = await photo({ width: 800, height: 600, format: "png" });
  const fast = await encode(fastJpegEncoder(), original);
  expect((await encode(smallJpegEncoder(), original)).length).toBeLessThan(fast.length);
});
