import type { Orientation } from "../../../../shared/image-header/header.ts";
import { BYTES_PER_PIXEL, type Pixels } from "./pixels.ts";

/** Where the walk over the stored pixels starts, and how far it steps for one pixel right and one down. */
interface Walk {
  start: number;
  right: number;
  down: number;
}

/** The stored pixel that comes first when the picture stands upright, and the way on from there (EXIF 2.32, 0x0112). */
function walkOf(orientation: Orientation, width: number, height: number): Walk {
  const topRight = width - 1;
  const bottomLeft = (height - 1) * width;
  const bottomRight = height * width - 1;
  switch (orientation) {
    case 1:
      return { start: 0, right: 1, down: width };
    case 2:
      return { start: topRight, right: -1, down: width };
    case 3:
      return { start: bottomRight, right: -1, down: -width };
    case 4:
      return { start: bottomLeft, right: 1, down: -width };
    case 5:
      return { start: 0, right: width, down: 1 };
    case 6:
      return { start: bottomLeft, right: -width, down: 1 };
    case 7:
      return { start: bottomRight, right: -width, down: -1 };
    case 8:
      return { start: topRight, right: width, down: -1 };
  }
}

/** Turns and mirrors a picture so that it stands upright. */
export function orientPixels(pixels: Pixels, orientation: Orientation): Pixels {
  if (orientation === 1) return pixels;
  const { start, right, down } = walkOf(orientation, pixels.width, pixels.height);
  const isTurned = orientation >= 5;
  const width = isTurned ? pixels.height : pixels.width;
  const height = isTurned ? pixels.width : pixels.height;
  const data = new Uint8ClampedArray(pixels.data.length);
  const from = wholePixels(pixels.data);
  const to = wholePixels(data);
  for (let y = 0; y < height; y++) {
    let source = start + y * down;
    for (let at = y * width; at < (y + 1) * width; at++) {
      to[at] = from[source] ?? 0;
      source += right;
    }
  }
  return { width, height, data, alpha: pixels.alpha };
}

/** The same memory, one number for each pixel. */
function wholePixels(data: Uint8ClampedArray): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length / BYTES_PER_PIXEL);
}
