import { rgbaToThumbHash } from "thumbhash";
import type { Placeholder } from "../../../shared/contracts/rpc.ts";
import { BYTES_PER_PIXEL, type Size } from "./codecs/picture.ts";

/** ThumbHash takes no more along one side, and would see no more in it. Pixels. */
const SIDE_MAX = 100;

/** The size at which a picture is looked at. Nothing is enlarged. */
export function placeholderSize({ width, height }: Size): Size {
  const scale = Math.min(1, SIDE_MAX / width, SIDE_MAX / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** @param pixels RGBA, not premultiplied, of at most 100 × 100 pixels */
export function describePixels(pixels: Uint8ClampedArray, { width, height }: Size): Placeholder {
  const hash = rgbaToThumbHash(width, height, pixels);
  return { thumbHash: btoa(String.fromCharCode(...hash)), dominantColour: dominantColour(pixels) };
}

/** Each channel is cut into so many parts of the same width: 512 cells for some thousand pixels. */
const CELL_BITS = 3;

/** What has fallen into one cell, weighted by how opaque it was. */
interface Cell {
  weight: number;
  red: number;
  green: number;
  blue: number;
}

/**
 * The colour that most of the picture is near to, as `#rrggbb`: the average of the fullest cell of a coarse histogram.
 * The average of everything would be a colour that is nowhere in the picture, a grey for a red boat on a blue lake;
 * k-means finds hardly a better one for many times the work. Null where every pixel is transparent.
 */
function dominantColour(pixels: Uint8ClampedArray): string | null {
  const cells = new Map<number, Cell>();
  for (let at = 0; at < pixels.length; at += BYTES_PER_PIXEL) {
    const [red = 0, green = 0, blue = 0, weight = 0] = pixels.subarray(at, at + BYTES_PER_PIXEL);
    const place = (cellOf(red) << (2 * CELL_BITS)) | (cellOf(green) << CELL_BITS) | cellOf(blue);
    const cell = cells.get(place) ?? { weight: 0, red: 0, green: 0, blue: 0 };
    cell.weight += weight;
    cell.red += red * weight;
    cell.green += green * weight;
    cell.blue += blue * weight;
    cells.set(place, cell);
  }
  const [fullest] = [...cells.values()].sort((one, other) => other.weight - one.weight);
  if (fullest === undefined || fullest.weight === 0) return null;
  const { weight, red, green, blue } = fullest;
  return `#${[red, green, blue].map((sum) => hexByte(sum / weight)).join("")}`;
}

function cellOf(channel: number): number {
  return channel >> (8 - CELL_BITS);
}

function hexByte(value: number): string {
  return Math.round(value).toString(16).padStart(2, "0");
}
