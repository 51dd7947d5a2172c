import { type Curve, readCurve } from "./curve.ts";

/** What an RGB profile made of three primaries and three tone curves says: Display P3, Adobe RGB, ProPhoto and the like. */
export interface Profile {
  /** Red, green, blue. */
  curves: [Curve, Curve, Curve];
  /** X, Y, Z (under D50) of red, green and blue light, a row for each of X, Y, Z. */
  toXyz: number[][];
}

const HEADER_BYTES = 128;
const TAGS_MAX = 100;
const TAG_ENTRY_BYTES = 12;
const XYZ_TAG_BYTES = 20;
const SIGNATURE_AT = 36;
const COLOUR_SPACE_AT = 16;
const RGB_SPACE = 0x52474220;
const SIGNATURE = 0x61637370;
const XYZ_TYPE = 0x58595a20;

/**
 * Reads an ICC profile (ICC.1:2022). Null for those of other kinds (print, grey, tables) and for garbled ones: a photo
 * must not be lost for a bad note about its colours.
 */
export function readProfile(bytes: Uint8Array): Profile | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES + 4) return null;
  if (view.getUint32(SIGNATURE_AT) !== SIGNATURE || view.getUint32(COLOUR_SPACE_AT) !== RGB_SPACE) return null;
  const tags = readTags(view);
  const primaries = ["rXYZ", "gXYZ", "bXYZ"].map((name) => readXyz(tags.get(name)));
  const [red, green, blue] = ["rTRC", "gTRC", "bTRC"].map((name) => {
    const tag = tags.get(name);
    return tag === undefined ? null : readCurve(tag);
  });
  if (!red || !green || !blue) return null;
  const columns = primaries.filter((primary) => primary !== null);
  if (columns.length < primaries.length) return null;
  return { curves: [red, green, blue], toXyz: [0, 1, 2].map((row) => columns.map((column) => column[row] ?? 0)) };
}

function readTags(view: DataView): Map<string, DataView> {
  const tags = new Map<string, DataView>();
  const count = Math.min(view.getUint32(HEADER_BYTES), TAGS_MAX);
  for (let i = 0; i < count; i++) {
    const entry = HEADER_BYTES + 4 + i * TAG_ENTRY_BYTES;
    if (entry + TAG_ENTRY_BYTES > view.byteLength) break;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((at) => view.getUint8(entry + at)));
    const offset = view.getUint32(entry + 4);
    const length = view.getUint32(entry + 8);
    if (offset + length <= view.byteLength) tags.set(name, new DataView(view.buffer, view.byteOffset + offset, length));
  }
  return tags;
}

function readXyz(tag: DataView | undefined): number[] | null {
  if (tag === undefined || tag.byteLength < XYZ_TAG_BYTES || tag.getUint32(0) !== XYZ_TYPE) return null;
  return [8, 12, 16].map((at) => tag.getInt32(at) / 65_536);
}
