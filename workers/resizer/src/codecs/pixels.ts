/** A picture as rows of RGBA, 8 bits per channel, not premultiplied. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
  /** False when every pixel is known to be opaque, which spares the resampler a step. */
  alpha: boolean;
}

/** A window of a picture, in its pixels. */
export interface Crop {
  left: number;
  top: number;
  width: number;
  height: number;
}

export const BYTES_PER_PIXEL = 4;

/** The window's pixels as a picture of their own; the given picture is left as it was. */
export function cropPixels(pixels: Pixels, crop: Crop): Pixels {
  const data = new Uint8ClampedArray(crop.width * crop.height * BYTES_PER_PIXEL);
  for (let row = 0; row < crop.height; row++) {
    const start = ((crop.top + row) * pixels.width + crop.left) * BYTES_PER_PIXEL;
    data.set(pixels.data.subarray(start, start + crop.width * BYTES_PER_PIXEL), row * crop.width * BYTES_PER_PIXEL);
  }
  return { width: crop.width, height: crop.height, data, alpha: pixels.alpha };
}

/**
 * Gives the bytes' memory back at once; nobody may read them afterwards. The garbage collector does not hurry for a
 * small object that a large buffer hangs on: left to it, a process grew by 70 MB with each photo.
 */
export function freeBytes(bytes: Uint8Array | Uint8ClampedArray): void {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
}

export function freePixels(pixels: Pixels): void {
  freeBytes(pixels.data);
}
