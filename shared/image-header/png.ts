import { beginsWith, fourCharacters, spells, viewOf } from "./bytes.ts";
import { readOrientation } from "./exif.ts";
import type { HeaderReading, ImageHeader } from "./header.ts";

const MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const IHDR_AT = 8;
const IHDR_BYTES = 13;
const CHUNK_HEADER_BYTES = 8;
const CHECKSUM_BYTES = 4;
const FIRST_CHUNK_AFTER_IHDR = IHDR_AT + CHUNK_HEADER_BYTES + IHDR_BYTES + CHECKSUM_BYTES;
/** PNG numbers are 31 bits wide (PNG 3rd edition §7.1). */
const NUMBER_MAX = 0x7fff_ffff;

/** Channels and permitted bit depths per colour type (PNG 3rd edition, table 12). */
const COLOUR_TYPES = new Map([
  [0, { components: 1, depths: [1, 2, 4, 8, 16], alpha: false }],
  [2, { components: 3, depths: [8, 16], alpha: false }],
  [3, { components: 1, depths: [1, 2, 4, 8], alpha: false }],
  [4, { components: 2, depths: [8, 16], alpha: true }],
  [6, { components: 4, depths: [8, 16], alpha: true }],
]);

export function isPng(bytes: Uint8Array): boolean {
  return beginsWith(bytes, MAGIC);
}

/**
 * Reads IHDR, then looks at the chunks that are at hand for transparency, animation and orientation.
 * Those chunks may lie beyond the bytes given; the size never does.
 */
export function readPng(bytes: Uint8Array): HeaderReading {
  if (bytes.length < FIRST_CHUNK_AFTER_IHDR) return "incomplete";
  const view = viewOf(bytes);
  if (view.getUint32(IHDR_AT) !== IHDR_BYTES || !spells(bytes, IHDR_AT + 4, "IHDR")) return "garbled";
  const fields = IHDR_AT + CHUNK_HEADER_BYTES;
  const width = view.getUint32(fields);
  const height = view.getUint32(fields + 4);
  const bitDepth = view.getUint8(fields + 8);
  const colour = COLOUR_TYPES.get(view.getUint8(fields + 9));
  const interlace = view.getUint8(fields + 12);
  if (!isSide(width) || !isSide(height) || interlace > 1) return "garbled";
  if (colour === undefined || !colour.depths.includes(bitDepth)) return "garbled";
  const { components, alpha } = colour;
  const header = { width, height, progressive: interlace === 1, components, bitDepth, alpha };
  const fixed = {
    format: "png",
    orientation: 1,
    samplesPerPixel: components,
    lossless: true,
    animated: false,
  } as const;
  return withChunks({ ...header, ...fixed }, bytes, view);
}

function isSide(pixels: number): boolean {
  return pixels > 0 && pixels <= NUMBER_MAX;
}

function withChunks(header: ImageHeader, bytes: Uint8Array, view: DataView): ImageHeader {
  let at = FIRST_CHUNK_AFTER_IHDR;
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at);
    const name = fourCharacters(bytes, at + 4);
    const data = bytes.subarray(at + CHUNK_HEADER_BYTES, at + CHUNK_HEADER_BYTES + length);
    if (name === "tRNS") header.alpha = true;
    if (name === "acTL") header.animated = true;
    if (name === "eXIf") header.orientation = readOrientation(data);
    at += CHUNK_HEADER_BYTES + length + CHECKSUM_BYTES;
  }
  return header;
}
