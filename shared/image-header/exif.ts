import { spells, viewOf } from "./bytes.ts";
import type { Orientation } from "./header.ts";

const TIFF_HEADER_BYTES = 8;
const TIFF_MAGIC = 42;
const ENTRY_BYTES = 12;
const ORIENTATION_TAG = 0x0112;
const TYPE_SHORT = 3;
const ORIENTATIONS: readonly Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

/** JPEG segments, and some encoders' WebP chunks, begin with this before the TIFF structure. */
const EXIF_PREFIX = "Exif\0\0";

/**
 * The orientation that an EXIF block gives (TIFF 6.0 §2, EXIF 2.32 §4.6.4).
 * A block that is cut off, garbled or silent means 1: a photo must not be lost for a bad note about it.
 */
export function readOrientation(block: Uint8Array): Orientation {
  const tiff = spells(block, 0, EXIF_PREFIX) ? block.subarray(EXIF_PREFIX.length) : block;
  if (tiff.length < TIFF_HEADER_BYTES) return 1;
  const littleEndian = spells(tiff, 0, "II");
  if (!littleEndian && !spells(tiff, 0, "MM")) return 1;
  const view = viewOf(tiff);
  if (view.getUint16(2, littleEndian) !== TIFF_MAGIC) return 1;
  return orientationInDirectory(view, view.getUint32(4, littleEndian), littleEndian);
}

function orientationInDirectory(view: DataView, directory: number, littleEndian: boolean): Orientation {
  if (directory + 2 > view.byteLength) return 1;
  const entries = view.getUint16(directory, littleEndian);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + i * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > view.byteLength) return 1;
    if (view.getUint16(entry, littleEndian) !== ORIENTATION_TAG) continue;
    if (view.getUint16(entry + 2, littleEndian) !== TYPE_SHORT) return 1;
    const value = view.getUint16(entry + 8, littleEndian);
    return ORIENTATIONS.find((known) => known === value) ?? 1;
  }
  return 1;
}
