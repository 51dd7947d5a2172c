import type { MetadataKind } from "../../../../shared/contracts/images.ts";
import { spells, viewOf } from "../../../../shared/image-header/bytes.ts";
import { readOrientation } from "../../../../shared/image-header/exif.ts";
import type { Orientation } from "../../../../shared/image-header/header.ts";

export const EXIF_PREFIX = "Exif\0\0";

const TIFF_HEADER_BYTES = 8;
const ENTRY_BYTES = 12;
/** Cameras write a few dozen entries into a directory; a garbled count must not keep an isolate busy. */
const ENTRIES_MAX = 512;

const TAG_EXIF_DIRECTORY = 0x8769;
/** Tags of TIFF 6.0, EXIF 2.32 and DNG that people would want to know of. */
const TAGS = new Map<number, MetadataKind>([
  [0x8825, "gps"],
  [0xa431, "serial_number"], // of the body
  [0xa435, "serial_number"], // of the lens
  [0xc62f, "serial_number"], // of the camera, in files that began as DNG
  [0x927c, "maker_notes"],
  [0x0201, "thumbnail"],
]);

/** What an EXIF block tells. One that is cut off or garbled tells what can still be read. */
export function readExif(block: Uint8Array): { orientation: Orientation; found: MetadataKind[] } {
  const tiff = spells(block, 0, EXIF_PREFIX) ? block.subarray(EXIF_PREFIX.length) : block;
  const kinds: MetadataKind[] = ["exif", ...directories(tiff).flatMap((tags) => kindsOf(tags))];
  return { orientation: readOrientation(block), found: [...new Set(kinds)] };
}

function kindsOf(tags: Map<number, number>): MetadataKind[] {
  return [...tags.keys()].flatMap((tag) => TAGS.get(tag) ?? []);
}

/** The directories that hold what is looked for: the picture's, the thumbnail's, the camera's. */
function directories(tiff: Uint8Array): Map<number, number>[] {
  if (tiff.length < TIFF_HEADER_BYTES) return [];
  const view = viewOf(tiff);
  const littleEndian = spells(tiff, 0, "II");
  if (!littleEndian && !spells(tiff, 0, "MM")) return [];
  const picture = readDirectory(view, view.getUint32(4, littleEndian), littleEndian);
  const camera = picture.tags.get(TAG_EXIF_DIRECTORY);
  const others = [picture.next, camera].filter((at) => at !== undefined && at !== 0);
  return [picture.tags, ...others.map((at = 0) => readDirectory(view, at, littleEndian).tags)];
}

/** The tags of a directory with their four bytes of value, and where the next directory stands. */
function readDirectory(view: DataView, at: number, littleEndian: boolean) {
  const tags = new Map<number, number>();
  const count = at + 2 <= view.byteLength ? view.getUint16(at, littleEndian) : 0;
  let entry = at + 2;
  for (let i = 0; i < Math.min(count, ENTRIES_MAX) && entry + ENTRY_BYTES <= view.byteLength; i++) {
    tags.set(view.getUint16(entry, littleEndian), view.getUint32(entry + 8, littleEndian));
    entry += ENTRY_BYTES;
  }
  const next = entry + 4 <= view.byteLength ? view.getUint32(entry, littleEndian) : 0;
  return { tags, next };
}

/** The smallest TIFF structure that says how a picture is turned: one directory with one entry. */
export function orientationOnly(orientation: Orientation): Uint8Array {
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  return Uint8Array.from([...header, 0, 1, ...entry, 0, 0, 0, 0]);
}

/** Whether a block says how the picture is turned, and nothing else: so it may leave, and has been cut before. */
export function isOrientationOnly(block: Uint8Array, orientation: Orientation): boolean {
  const least = orientationOnly(orientation);
  return orientation !== 1 && block.length === least.length && least.every((byte, i) => byte === block[i]);
}

/** What an XMP packet tells, by the names of its properties: its text need not be valid XML. */
export function readXmp(packet: Uint8Array): MetadataKind[] {
  const text = new TextDecoder().decode(packet);
  const found: MetadataKind[] = ["xmp"];
  if (text.includes("GPSLatitude")) found.push("gps");
  if (text.includes("SerialNumber")) found.push("serial_number");
  if (text.includes("xmpGImg") || text.includes("xapGImg")) found.push("thumbnail");
  return found;
}
