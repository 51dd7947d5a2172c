import { describe, expect, it } from "vitest";
import { admit, MAX_SIDE, MEMORY_MAX_BYTES, predictMemory } from "../../../shared/image-header/admission.ts";
import type { ImageHeader } from "../../../shared/image-header/header.ts";
import { jpegHeader } from "../jpeg-header.ts";

const MEGABYTE = 1_000_000;

function refusal(changes: Partial<ImageHeader>, bytes = 3 * MEGABYTE) {
  const admitted = admit(jpegHeader(changes), bytes);
  return admitted.ok ? null : admitted.failure;
}

describe("admission", () => {
  it("admits phone photos of 12, 48 and 200 megapixels", () => {
    expect(refusal({})).toBeNull();
    expect(refusal({ width: 8064, height: 6048, orientation: 6 }, 20 * MEGABYTE)).toBeNull();
    expect(refusal({ width: 16_320, height: 12_240 }, 40 * MEGABYTE)).toBeNull();
  });

  it("admits a plain JPEG of up to 200 megapixels and no pixel more", () => {
    expect(refusal({ width: 20_000, height: 10_000 })).toBeNull();
    expect(refusal({ width: 20_000, height: 10_001 })?.detail).toBe(
      "The picture has 200.1 megapixels; the most for a JPEG is 200.",
    );
  });

  it("admits a progressive JPEG of 16 megapixels, or of 8 without chroma subsampling", () => {
    expect(refusal({ width: 4000, height: 4000, progressive: true })).toBeNull();
    expect(refusal({ width: 4000, height: 4001, progressive: true })?.detail).toBe(
      "The picture has 16.1 megapixels; the most for a progressive JPEG of this kind is 16.",
    );
    expect(refusal({ width: 4000, height: 2000, progressive: true, samplesPerPixel: 3 })).toBeNull();
    expect(refusal({ width: 4000, height: 2001, progressive: true, samplesPerPixel: 3 })?.code).toBe("image_too_large");
  });

  it("admits a PNG of 100 megapixels, and far less of what must be decoded whole", () => {
    const png = { format: "png", width: 10_000 } as const;
    expect(refusal({ ...png, height: 10_000 })).toBeNull();
    expect(refusal({ ...png, height: 10_001 })?.code).toBe("image_too_large");
    expect(refusal({ ...png, height: 1201, progressive: true })?.detail).toContain(
      "the most for an interlaced PNG is 12.",
    );
  });

  it("admits a WebP of 100 megapixels, of 13 if it is lossless and of 10 with alpha", () => {
    const webp = { format: "webp", width: 10_000 } as const;
    expect(refusal({ ...webp, height: 10_000 })).toBeNull();
    expect(refusal({ ...webp, height: 10_001 })?.detail).toContain("the most for a WebP is 100.");
    expect(refusal({ ...webp, height: 1300, lossless: true })).toBeNull();
    expect(refusal({ ...webp, height: 1301, lossless: true })?.detail).toContain("the most for a lossless WebP is 13.");
    expect(refusal({ ...webp, height: 1040, alpha: true })).toBeNull();
    expect(refusal({ ...webp, height: 1041, alpha: true })?.detail).toContain(
      "the most for a WebP with alpha is 10.4.",
    );
  });

  it("counts the file's bytes, which lie in memory beside the picture", () => {
    const progressive = { width: 4000, height: 4000, progressive: true } as const;
    expect(refusal(progressive, 1 * MEGABYTE)).toBeNull();
    const failure = refusal(progressive, 30 * MEGABYTE);
    expect(failure?.code).toBe("image_too_large");
    expect(failure?.detail).toMatch(/16\.0 megapixels in 28\.6 MiB, needs .+ MiB of memory; the most is 80\.0/);
  });

  it("refuses pixel floods with a sentence that names the limit", () => {
    expect(refusal({ format: "png", width: 20_000, height: 20_000 })?.detail).toContain("the most for a PNG is 100");
    expect(refusal({ width: 64_250, height: 64_250 })?.detail).toContain("the most for a JPEG is 200");
  });

  it("refuses a thread of a picture that is too long", () => {
    expect(refusal({ width: MAX_SIDE, height: 10 })).toBeNull();
    expect(refusal({ width: MAX_SIDE + 1, height: 10 })?.detail).toContain(`no side may be longer than ${MAX_SIDE}`);
  });

  it("admits nothing that would not fit into the memory, whatever its shape", () => {
    for (let width = 1; width <= MAX_SIDE; width = Math.ceil(width * 1.9)) {
      for (let height = 1; height <= MAX_SIDE; height = Math.ceil(height * 1.9)) {
        for (const kind of [
          { format: "jpeg" },
          { progressive: true },
          { format: "png" },
          { format: "webp" },
          { format: "webp", lossless: true },
          { format: "webp", alpha: true },
        ] as const) {
          const picture = jpegHeader({ ...kind, width, height, orientation: 6 });
          if (admit(picture, 0).ok) expect(predictMemory(picture, 0)).toBeLessThanOrEqual(MEMORY_MAX_BYTES);
        }
      }
    }
  });

  it("admits print colours and animations, and refuses what the decoders cannot read: 12 bits", () => {
    expect(refusal({ components: 4, samplesPerPixel: 4 })).toBeNull();
    expect(refusal({ format: "webp", animated: true })).toBeNull();
    expect(refusal({ bitDepth: 12 })?.code).toBe("unsupported_image");
  });
});
