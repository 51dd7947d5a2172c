import type { ImageHeader } from "../../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { type BadImage, damaged, otherSize, tooLarge } from "./bad-image.ts";
import type { Kernel } from "./kernel.ts";
import type { LoadedFile } from "./load.ts";
import type { Picture, Size } from "./picture.ts";

/** The kernel's decoder gives pictures of 1/8 to 8/8 of their size. */
const DENOMINATOR = 8;

/**
 * Decodes a JPEG to exactly `size`, most of the way down within the decoder itself. A file that is cut off gives what
 * is there. The file's bytes are freed.
 */
export function decodeJpeg(
  kernel: Kernel,
  file: LoadedFile,
  header: ImageHeader,
  size: Size,
): Result<Picture, BadImage> {
  try {
    if (kernel.call("jpeg_open", file.address, file.length) === 0) return damaged();
    if (kernel.call("jpeg_width") !== header.width || kernel.call("jpeg_height") !== header.height) return otherSize();
    const numerator = numeratorFor(header, size);
    const address = kernel.callForMemory("jpeg_decode", numerator, size.width, size.height);
    return address === null ? tooLarge() : ok({ address, ...size, alpha: false });
  } catch {
    // The decoder traps on whatever it cannot go on with. The broken instance goes with the job.
    return damaged();
  } finally {
    if (!kernel.isBroken) {
      kernel.call("jpeg_close");
      kernel.release(file.address);
    }
  }
}

/**
 * The scale, in eighths, at which the decoder works: one above the smallest that gives every pixel that is wanted. Right
 * at the smallest the picture comes out soft, 7 to 12 dB further from a full decode; one more costs a few milliseconds.
 */
function numeratorFor(source: Size, wanted: Size): number {
  for (let numerator = 1; numerator < DENOMINATOR; numerator++) {
    const width = Math.ceil((source.width * numerator) / DENOMINATOR);
    const height = Math.ceil((source.height * numerator) / DENOMINATOR);
    if (width >= wanted.width && height >= wanted.height) return numerator + 1;
  }
  return DENOMINATOR;
}
