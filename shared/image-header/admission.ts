import { fail, ok, type Result } from "../result.ts";
import type { ImageHeader } from "./header.ts";
import { workingSize } from "./working-size.ts";

/** No side may be longer, however thin the picture: it is as long as a JPEG's can be, to the thousand. */
export const MAX_SIDE = 65_500;

/** What one picture may take at its worst moment: the pixel kernel alone is linked to no more. */
export const MEMORY_MAX_BYTES = 80 * 1024 * 1024;

const PIXELS_PER_MEGAPIXEL = 1_000_000;

/** Limits of those kinds that are read row by row: not of memory, but of how long one picture may keep an isolate. */
const ROW_BY_ROW_MEGAPIXELS = { jpeg: 200, png: 100, webp: 100 };

/** A coefficient of a progressive JPEG. */
const COEFFICIENT_BYTES = 2;
const RGBA_BYTES = 4;
/** The alpha of a lossy WebP is a picture of its own, lossless, and then a plane of bytes. */
const ALPHA_PLANE_BYTES = RGBA_BYTES + 1;
/** What coefficients, or the pixels of an interlaced PNG, may take in the kernel. */
const KEPT_BYTES_MAX = 48_000_000;
/** And the pixels of a WebP: a little more, so that the 12.2 megapixels of phones are within. */
const KEPT_WEBP_BYTES_MAX = 52_000_000;

/** Rows on their way through decoder and scaler, and the scaler's weights, for each pixel along both sides. */
const ROWS_BYTES_PER_SIDE_PIXEL = 120;

/** Rows of macroblocks, or the last sixteen of a lossless picture, that libwebp keeps for each pixel of width. */
const WEBP_BYTES_PER_COLUMN = 160;

/** What a lossless picture's codes are looked up in, as many of them as encoders use. */
const LOSSLESS_WEBP_TABLES_BYTES = 2_000_000;

/** Code, tables and buffers, whatever the picture. */
const FIXED_BYTES = 1_500_000;

/**
 * Bytes that a picture takes at its worst moment, beside the WebP encoder, whose place it may have meanwhile:
 *
 * - a plain JPEG or a lossy WebP: the file, some rows, and the picture of the working size
 * - a progressive JPEG: the same and every coefficient, 2 bytes each; 1.5 for each pixel at 4:2:0, 3 at 4:4:4
 * - a lossless WebP, or the alpha of a lossy one: the same and every pixel
 * - a PNG: some rows, and the picture of the working size; the whole picture besides if it is interlaced
 *
 * The picture of the working size counts twice: it is turned, or moves to a smaller memory.
 * @param fileBytes the file's size, or 0 while it is unknown
 */
export function predictMemory(header: ImageHeader, fileBytes: number): number {
  const working = workingSize(header);
  const picture = working.width * working.height * RGBA_BYTES;
  const file = header.format === "png" ? 0 : fileBytes;
  const kept = header.width * header.height * keptBytesPerPixel(header);
  return FIXED_BYTES + file + rowsBytes(header) + kept + 2 * picture;
}

function rowsBytes({ format, width, height, lossless }: ImageHeader): number {
  const rows = (width + height) * ROWS_BYTES_PER_SIDE_PIXEL;
  if (format !== "webp") return rows;
  return rows + width * WEBP_BYTES_PER_COLUMN + (lossless ? LOSSLESS_WEBP_TABLES_BYTES : 0);
}

/** What a picture that does not come in rows keeps in the kernel until it is complete; 0 for one that does. */
function keptBytesPerPixel({ format, progressive, samplesPerPixel, lossless, alpha }: ImageHeader): number {
  if (format === "webp") {
    const plane = alpha ? ALPHA_PLANE_BYTES : 0;
    return lossless ? RGBA_BYTES : plane;
  }
  if (!progressive) return 0;
  return format === "png" ? RGBA_BYTES : samplesPerPixel * COEFFICIENT_BYTES;
}

/**
 * Decides by the header alone whether a picture may be decoded: the answer takes microseconds, whatever size the
 * picture claims.
 * @param fileBytes the file's size, or 0 while it is unknown
 */
export function admit(header: ImageHeader, fileBytes: number): Result<null, "image_too_large" | "unsupported_image"> {
  const obstacle = unreadableKind(header);
  if (obstacle !== null) return fail("unsupported_image", obstacle);
  const excess = excessOf(header, fileBytes);
  return excess === null ? ok(null) : fail("image_too_large", excess);
}

/** Kinds within the known formats that the decoders do not read, as a sentence, or null. */
function unreadableKind(header: ImageHeader): string | null {
  if (header.format === "jpeg" && header.bitDepth !== 8) return "A JPEG must have 8 bits per channel.";
  return null;
}

/** In what the picture is too large, as a sentence that names the limit, or null. */
function excessOf(header: ImageHeader, fileBytes: number): string | null {
  const { format, width, height } = header;
  if (Math.max(width, height) > MAX_SIDE) {
    return `The picture is ${width} × ${height} pixels; no side may be longer than ${MAX_SIDE}.`;
  }
  const megapixels = (width * height) / PIXELS_PER_MEGAPIXEL;
  const most = megapixelsMax(header);
  if (megapixels > most) {
    return `The picture has ${shown(megapixels)} megapixels; the most for ${kindOf(header)} is ${most}.`;
  }
  const memory = predictMemory(header, fileBytes);
  if (memory <= MEMORY_MAX_BYTES) return null;
  const size = `${megapixels.toFixed(1)} megapixels in ${inMebibytes(fileBytes)} MiB`;
  const need = `${inMebibytes(memory)} MiB of memory; the most is ${inMebibytes(MEMORY_MAX_BYTES)}`;
  return `The picture, ${size}, needs ${need}. ${format === "jpeg" ? "A plain JPEG needs less." : ""}`.trim();
}

/** The most pixels that fit into the memory, or the limit of what is read row by row; in megapixels to one place. */
function megapixelsMax(header: ImageHeader): number {
  const kept = keptBytesPerPixel(header);
  if (kept === 0) return ROW_BY_ROW_MEGAPIXELS[header.format];
  return inMegapixels((header.format === "webp" ? KEPT_WEBP_BYTES_MAX : KEPT_BYTES_MAX) / kept);
}

function inMegapixels(pixels: number): number {
  return Math.floor((pixels / PIXELS_PER_MEGAPIXEL) * 10) / 10;
}

function kindOf({ format, progressive, lossless, alpha }: ImageHeader): string {
  if (format === "webp" && lossless) return "a lossless WebP";
  if (format === "webp") return alpha ? "a WebP with alpha" : "a WebP";
  if (format === "png") return progressive ? "an interlaced PNG" : "a PNG";
  return progressive ? "a progressive JPEG of this kind" : "a JPEG";
}

/** To one place, rounded up: a picture just above the limit must not seem to have just the limit. */
function shown(megapixels: number): string {
  return (Math.ceil(megapixels * 10) / 10).toFixed(1);
}

function inMebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
