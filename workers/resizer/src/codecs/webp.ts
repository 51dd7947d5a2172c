import type { ImageHeader } from "../../../../shared/image-header/header.ts";
import { firstFrame, type WebpChunk, type WebpFrame } from "../../../../shared/image-header/webp-frame.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { type BadImage, damaged, otherSize, tooLarge } from "./bad-image.ts";
import type { Kernel } from "./kernel.ts";
import type { LoadedFile } from "./load.ts";
import { type Picture, type Size, sameSize } from "./picture.ts";

/** How decoding a frame ended: the kernel's FrameEnd. Any other number is a damaged frame. */
const FRAME_COMPLETE = 1;
const FRAME_NO_MEMORY = 2;

/**
 * Decodes a WebP to exactly `size`, row by row through the scaler; of a lossless one, and of an alpha plane, the kernel
 * holds every pixel. Of an animation it shows the first frame: where that leaves the canvas free, nothing is to be seen,
 * as in browsers. The file's bytes are freed.
 */
export function decodeWebp(
  kernel: Kernel,
  file: LoadedFile,
  header: ImageHeader,
  size: Size,
): Result<Picture, BadImage> {
  try {
    const frame = firstFrame(kernel.bytes(file.address, file.length));
    if (frame === null) return damaged();
    if (!belongsOn(header, frame)) return otherSize();
    const place = [header.width, header.height, frame.left, frame.top];
    if (kernel.call("webp_open", ...place, size.width, size.height, header.alpha ? 1 : 0) === 0) return tooLarge();
    const end = decodeFrame(kernel, file, frame);
    // Of rows that are missing it makes nothing, but it frees what it holds.
    const address = kernel.callForMemory("webp_close");
    if (end === FRAME_NO_MEMORY) return tooLarge();
    if (end !== FRAME_COMPLETE || address === null) return damaged();
    return ok({ address, ...size, alpha: header.alpha });
  } catch {
    // No file is known that lets the decoder trap. Should there be one, the broken instance goes with the job.
    return damaged();
  } finally {
    kernel.release(file.address);
  }
}

/** A still picture is as large as its canvas; a frame of an animation lies within it. */
function belongsOn(canvas: ImageHeader, frame: WebpFrame): boolean {
  if (!canvas.animated) return sameSize(frame, canvas);
  return frame.left + frame.width <= canvas.width && frame.top + frame.height <= canvas.height;
}

function decodeFrame(kernel: Kernel, file: LoadedFile, { lossless, pixels, alphaPlane }: WebpFrame): number {
  const image = within(file, pixels);
  if (lossless) return kernel.call("webp_lossless", ...image);
  const alpha = alphaPlane === null ? [0, 0] : within(file, alphaPlane);
  return kernel.call("webp_lossy", ...image, ...alpha);
}

/** Address and length of what is there of a chunk. */
function within(file: LoadedFile, { at, length }: WebpChunk): [number, number] {
  return [file.address + at, Math.min(length, file.length - at)];
}
