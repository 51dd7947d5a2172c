import { fourCharacters, spells, viewOf } from "./bytes.ts";
import { readOrientation } from "./exif.ts";
import type { HeaderReading, ImageHeader, Orientation } from "./header.ts";
import {
  CHUNK_HEADER_BYTES,
  firstFrame,
  RIFF_HEADER_BYTES,
  readBitstream,
  readUint24,
  type WebpChunk,
  webpChunks,
} from "./webp-frame.ts";

const PAYLOAD_AT = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES;
/** The longest of the three first payloads that is read: frame tag, start code and size of `VP8 `; all of `VP8X`. */
const FIRST_PAYLOAD_BYTES = 10;
const FLAG_ANIMATION = 0x02;
const FLAG_ALPHA = 0x10;

export function isWebp(bytes: Uint8Array): boolean {
  return spells(bytes, 0, "RIFF") && spells(bytes, 8, "WEBP");
}

/** Reads the first chunk (RFC 9649 §2.5–2.7): `VP8 ` lossy, `VP8L` lossless, or `VP8X` with the canvas and what follows. */
export function readWebp(bytes: Uint8Array): HeaderReading {
  if (bytes.length < PAYLOAD_AT + FIRST_PAYLOAD_BYTES) return "incomplete";
  const name = fourCharacters(bytes, RIFF_HEADER_BYTES);
  switch (name) {
    case "VP8 ":
    case "VP8L":
      return readStill(bytes, { name, at: PAYLOAD_AT, length: bytes.length - PAYLOAD_AT });
    case "VP8X":
      return readExtended(bytes);
    default:
      return "garbled";
  }
}

interface Basics {
  width: number;
  height: number;
  alpha: boolean;
  lossless: boolean;
  animated: boolean;
  orientation: Orientation;
}

function header(basics: Basics): ImageHeader {
  const components = basics.alpha ? 4 : 3;
  const fixed = { format: "webp", progressive: false, bitDepth: 8 } as const;
  return { ...fixed, ...basics, components, samplesPerPixel: components };
}

function readStill(bytes: Uint8Array, chunk: WebpChunk): HeaderReading {
  const bitstream = readBitstream(bytes, chunk);
  return bitstream === null ? "garbled" : header({ ...bitstream, animated: false, orientation: 1 });
}

/** The size is the canvas's. A frame may have alpha, or leave a part of the canvas free, whatever the flag says. */
function readExtended(bytes: Uint8Array): ImageHeader {
  const view = viewOf(bytes);
  const flags = view.getUint8(PAYLOAD_AT);
  const width = 1 + readUint24(view, PAYLOAD_AT + 4);
  const height = 1 + readUint24(view, PAYLOAD_AT + 7);
  const frame = firstFrame(bytes);
  const isSeeThrough = frame !== null && (frame.alpha || frame.width < width || frame.height < height);
  return header({
    width,
    height,
    alpha: (flags & FLAG_ALPHA) !== 0 || isSeeThrough,
    animated: (flags & FLAG_ANIMATION) !== 0,
    lossless: frame === null ? mayBeLossless(bytes) : frame.lossless,
    orientation: orientationOf(bytes),
  });
}

/** Until a lossy picture is seen it may be a lossless one. Only lossy ones have an alpha plane of their own. */
function mayBeLossless(bytes: Uint8Array): boolean {
  for (const { name } of webpChunks(bytes)) if (name === "ALPH") return false;
  return true;
}

/** The EXIF chunk comes behind the pixels: only who gives the whole file learns the orientation of a long one. */
function orientationOf(bytes: Uint8Array): Orientation {
  for (const { name, at, length } of webpChunks(bytes)) {
    if (name === "EXIF") return readOrientation(bytes.subarray(at, at + length));
  }
  return 1;
}
