import { describe, expect, it } from "vitest";
import { admit, MAX_SIDE } from "../../../shared/image-header/admission.ts";
import type { ImageHeader } from "../../../shared/image-header/header.ts";

function header(changes: Partial<ImageHeader>): ImageHeader {
  return {
    format: "jpeg",
    width: 4032,
    height: 3024,
    orientation: 1,
    progressive: false,
    components: 3,
    bitDepth: 8,
    alpha: false,
    animated: false,
    ...changes,
  };
}

function refusal(changes: Partial<ImageHeader>) {
  const admitted = admit(header(changes));
  return admitted.ok ? null : admitted.failure;
}

describe("admission", () => {
  it("admits a 12-megapixel phone photo, plain or progressive", () => {
    expect(admit(header({})).ok).toBe(true);
    expect(admit(header({ progressive: true })).ok).toBe(true);
  });

  it("admits exactly 16 megapixels and no pixel more", () => {
    expect(refusal({ width: 4000, height: 4000 })).toBeNull();
    expect(refusal({ width: 4000, height: 4001 })?.code).toBe("image_too_large");
  });

  it("refuses pixel floods with a sentence that names the limit", () => {
    expect(refusal({ width: 20_000, height: 20_000 })?.detail).toContain(`no side may be longer than ${MAX_SIDE}`);
    expect(refusal({ width: 64_250, height: 64_250 })?.code).toBe("image_too_large");
    expect(refusal({ width: 8_064, height: 6_048 })?.detail).toBe("The picture has 48.8 megapixels; the most is 16.");
  });

  it("refuses a thread of a picture that is too long", () => {
    expect(refusal({ width: MAX_SIDE, height: 10 })).toBeNull();
    expect(refusal({ width: MAX_SIDE + 1, height: 10 })?.code).toBe("image_too_large");
  });

  it("refuses what the decoders cannot read: animated WebP, CMYK, 12 bits", () => {
    expect(refusal({ format: "webp", animated: true })?.code).toBe("unsupported_image");
    expect(refusal({ components: 4 })?.code).toBe("unsupported_image");
    expect(refusal({ bitDepth: 12 })?.code).toBe("unsupported_image");
  });
});
