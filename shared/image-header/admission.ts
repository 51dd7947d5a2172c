import { fail, ok, type Result } from "../result.ts";
import type { ImageHeader } from "./header.ts";

/** No side may be longer, however thin the picture: the longest that WebP could hold is about the same (16,383). */
export const MAX_SIDE = 16_384;

/**
 * What the worst moment of the pipeline takes per pixel of the source, which is the first resampling: the decoded RGBA
 * (4), the resampler's copy of it (4) and its intermediate picture in floating point (8, for a photo brought down to
 * the large variant). Decoding takes less even where it must keep more than pixels: 14 for a progressive JPEG without
 * chroma subsampling (RGBA twice and 2 bytes for each coefficient).
 */
const PEAK_BYTES_PER_PIXEL = 16;

/** What one job may take at its worst moment. */
const PEAK_BYTES_MAX = 256_000_000;

const PIXELS_PER_MEGAPIXEL = 1_000_000;

/** The most pixels a picture may have, as people count them. Phones' 12-megapixel photos lie well below. */
export const MAX_MEGAPIXELS = Math.floor(PEAK_BYTES_MAX / PEAK_BYTES_PER_PIXEL / PIXELS_PER_MEGAPIXEL);

/** Bytes that the pipeline will take at its worst moment for a picture of this size. */
export function predictPeakMemory(header: Pick<ImageHeader, "width" | "height">): number {
  return header.width * header.height * PEAK_BYTES_PER_PIXEL;
}

/**
 * Decides by the header alone whether a picture may be decoded: the answer takes microseconds, whatever size the
 * picture claims.
 */
export function admit(header: ImageHeader): Result<null, "image_too_large" | "unsupported_image"> {
  const { width, height } = header;
  if (Math.max(width, height) > MAX_SIDE) {
    return fail(
      "image_too_large",
      `The picture is ${width} × ${height} pixels; no side may be longer than ${MAX_SIDE}.`,
    );
  }
  if (predictPeakMemory(header) > PEAK_BYTES_MAX) {
    const megapixels = ((width * height) / PIXELS_PER_MEGAPIXEL).toFixed(1);
    return fail("image_too_large", `The picture has ${megapixels} megapixels; the most is ${MAX_MEGAPIXELS}.`);
  }
  const obstacle = unreadableKind(header);
  return obstacle === null ? ok(null) : fail("unsupported_image", obstacle);
}

/** Kinds within the known formats that the decoders do not read, as a sentence, or null. */
function unreadableKind(header: ImageHeader): string | null {
  if (header.format === "webp" && header.animated) return "An animated WebP cannot be resized; send a still picture.";
  if (header.format !== "jpeg") return null;
  if (header.bitDepth !== 8) return "A JPEG must have 8 bits per channel.";
  if (header.components === 4) return "A JPEG in print colours (CMYK) cannot be resized; save it as RGB.";
  return null;
}
