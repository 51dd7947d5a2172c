import { fourCharacters, spells, viewOf } from "./bytes.ts";
import { readOrientation } from "./exif.ts";
import type { HeaderReading, ImageHeader, Orientation } from "./header.ts";

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const PAYLOAD_AT = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES;
/** The longest of the three first payloads that is read: frame tag, start code and size of `VP8 `; all of `VP8X`. */
const FIRST_PAYLOAD_BYTES = 10;
const LOSSLESS_SIGNATURE = 0x2f;
const LOSSY_START_CODE = [0x9d, 0x01, 0x2a];
const FLAG_ANIMATION = 0x02;
const FLAG_ALPHA = 0x10;
const SIZE_14_BITS = 0x3fff;

export function isWebp(bytes: Uint8Array): boolean {
  return spells(bytes, 0, "RIFF") && spells(bytes, 8, "WEBP");
}

/** Reads the first chunk (RFC 9649 §2.5–2.7): `VP8 ` lossy, `VP8L` lossless, or `VP8X` with the canvas and what follows. */
export function readWebp(bytes: Uint8Array): HeaderReading {
  if (bytes.length < PAYLOAD_AT + FIRST_PAYLOAD_BYTES) return "incomplete";
  const view = viewOf(bytes);
  switch (fourCharacters(bytes, RIFF_HEADER_BYTES)) {
    case "VP8 ":
      return readLossy(bytes, view);
    case "VP8L":
      return readLossless(view);
    case "VP8X":
      return readExtended(bytes, view);
    default:
      return "garbled";
  }
}

interface Basics {
  width: number;
  height: number;
  alpha: boolean;
  lossless: boolean;
  animated?: boolean;
  orientation?: Orientation;
}

function header({ animated = false, orientation = 1, ...basics }: Basics): ImageHeader {
  const components = basics.alpha ? 4 : 3;
  const fixed = { format: "webp", progressive: false, bitDepth: 8 } as const;
  return { ...fixed, ...basics, components, samplesPerPixel: components, orientation, animated };
}

/** RFC 6386 §9.1: the key frame's tag, start code, then two sizes of 14 bits below two bits of scaling. */
function readLossy(bytes: Uint8Array, view: DataView): HeaderReading {
  const isKeyFrame = (view.getUint8(PAYLOAD_AT) & 1) === 0;
  const startsWell = LOSSY_START_CODE.every((byte, i) => bytes[PAYLOAD_AT + 3 + i] === byte);
  const width = view.getUint16(PAYLOAD_AT + 6, true) & SIZE_14_BITS;
  const height = view.getUint16(PAYLOAD_AT + 8, true) & SIZE_14_BITS;
  if (!isKeyFrame || !startsWell || width === 0 || height === 0) return "garbled";
  return header({ width, height, alpha: false, lossless: false });
}

/** RFC 9649 §3.4: signature, then width − 1 and height − 1 in 14 bits each, then the alpha hint. */
function readLossless(view: DataView): HeaderReading {
  if (view.getUint8(PAYLOAD_AT) !== LOSSLESS_SIGNATURE) return "garbled";
  const bits = view.getUint32(PAYLOAD_AT + 1, true);
  const width = (bits & SIZE_14_BITS) + 1;
  const height = ((bits >>> 14) & SIZE_14_BITS) + 1;
  return header({ width, height, alpha: ((bits >>> 28) & 1) === 1, lossless: true });
}

function readExtended(bytes: Uint8Array, view: DataView): HeaderReading {
  const flags = view.getUint8(PAYLOAD_AT);
  const width = 1 + readUint24(view, PAYLOAD_AT + 4);
  const height = 1 + readUint24(view, PAYLOAD_AT + 7);
  const alpha = (flags & FLAG_ALPHA) !== 0;
  const animated = (flags & FLAG_ANIMATION) !== 0;
  return header({ width, height, alpha, animated, ...readChunks(bytes, view) });
}

function readUint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x1_0000;
}

/**
 * What stands in the chunks that are at hand. The EXIF chunk comes behind the pixels: only who gives the whole file
 * learns the orientation of a long one. Until a lossy picture is seen it may be a lossless one.
 */
function readChunks(bytes: Uint8Array, view: DataView): { orientation: Orientation; lossless: boolean } {
  let lossless = true;
  let at = RIFF_HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at + 4, true);
    const data = at + CHUNK_HEADER_BYTES;
    if (spells(bytes, at, "VP8 ")) lossless = false;
    if (spells(bytes, at, "EXIF"))
      return { orientation: readOrientation(bytes.subarray(data, data + length)), lossless };
    at = data + length + (length % 2);
  }
  return { orientation: 1, lossless };
}
