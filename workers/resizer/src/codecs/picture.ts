/** A picture in the kernel's memory: rows of RGBA, 8 bits per channel, not premultiplied. */
export interface Picture {
  address: number;
  width: number;
  height: number;
  /** False when every pixel is known to be opaque, which spares the scaler a step. */
  alpha: boolean;
}

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A window of a picture, in its pixels. */
export interface Crop extends Size {
  left: number;
  top: number;
}

export const BYTES_PER_PIXEL = 4;

export function bytesOf({ width, height }: Size): number {
  return width * height * BYTES_PER_PIXEL;
}

export function sameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}
