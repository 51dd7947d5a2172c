// WebP files put together by hand (RFC 9649): frames on a canvas, and lossless pictures with codes of any shape.

import { webpChunks } from "../../../shared/image-header/webp-frame.ts";
import { joined } from "./floods.ts";

interface Size {
  width: number;
  height: number;
}

const FLAG_ANIMATION = 0x02;
const FRAME_MS = 100;

export function chunk(name: string, ...content: Uint8Array[]): Uint8Array {
  const data = joined(...content);
  const header = new Uint8Array(8);
  header.set(new TextEncoder().encode(name));
  new DataView(header.buffer).setUint32(4, data.length, true);
  return joined(header, data, new Uint8Array(data.length % 2));
}

export function riff(...chunks: Uint8Array[]): Uint8Array {
  return chunk("RIFF", new TextEncoder().encode("WEBP"), ...chunks);
}

function uint24(value: number): Uint8Array {
  return new Uint8Array([value, value >> 8, value >> 16]);
}

function extended(flags: number, { width, height }: Size): Uint8Array {
  return chunk("VP8X", new Uint8Array([flags, 0, 0, 0]), uint24(width - 1), uint24(height - 1));
}

/** The chunks of a still file that make a frame: its pixels, and its alpha if it has any. */
function pixelChunks(still: Uint8Array): Uint8Array {
  const wanted = [...webpChunks(still)].filter(({ name }) => ["ALPH", "VP8 ", "VP8L"].includes(name));
  return joined(...wanted.map(({ name, at, length }) => chunk(name, still.subarray(at, at + length))));
}

export interface Frame extends Size {
  left: number;
  top: number;
  still: Uint8Array;
}

/** An animation of these frames, whose header says nothing of transparency. Places are even. */
export function animation(canvas: Size, frames: Frame[]): Uint8Array {
  const loop = chunk("ANIM", new Uint8Array([255, 0, 255, 255, 0, 0]));
  const shown = frames.map(({ left, top, width, height, still }) => {
    const place = [uint24(left / 2), uint24(top / 2), uint24(width - 1), uint24(height - 1)];
    return chunk("ANMF", ...place, uint24(FRAME_MS), new Uint8Array(1), pixelChunks(still));
  });
  return riff(extended(FLAG_ANIMATION, canvas), loop, ...shown);
}

/** A still file, plain lossy or plain lossless, that claims another size than it has. */
export function webpOfSize(still: Uint8Array, width: number, height: number): Uint8Array {
  const liar = still.slice();
  const view = new DataView(liar.buffer);
  for (const { name, at } of webpChunks(still)) {
    if (name === "VP8L") view.setUint32(at + 1, (width - 1) | ((height - 1) << 14), true);
    if (name !== "VP8 ") continue;
    view.setUint16(at + 6, width, true);
    view.setUint16(at + 8, height, true);
  }
  return liar;
}

/** An EXIF chunk that says nothing but the orientation; it follows the pixels. */
export function exifChunk(orientation: number): Uint8Array {
  const tiff = new Uint8Array(26);
  const view = new DataView(tiff.buffer);
  tiff.set(new TextEncoder().encode("MM"));
  view.setUint16(2, 42);
  view.setUint32(4, 8);
  view.setUint16(8, 1);
  // Tag 0x0112, type 3 (16 bits), one value.
  view.setUint16(10, 0x0112);
  view.setUint16(12, 3);
  view.setUint32(14, 1);
  view.setUint16(18, orientation);
  return chunk("EXIF", tiff);
}

/** Writes numbers of some bits, the lowest first. */
class BitWriter {
  readonly #bits: number[] = [];

  put(value: number, count: number): void {
    for (let bit = 0; bit < count; bit++) this.#bits.push((value >> bit) & 1);
  }

  /** Bits of a prefix code come the highest first. */
  putCode(code: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) this.put(code >> bit, 1);
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    for (const [at, bit] of this.#bits.entries()) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7));
    return bytes;
  }
}

/** In this order the lengths of the codes for lengths are stored (RFC 9649 §3.7.2.1.2). */
const LENGTH_CODE_ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/** With codes of 4 bits for the lengths 0 to 15 and none for repetitions, that code is complete. */
const LENGTH_CODE_BITS = 4;

/** How long the codes of a tree's symbols are: how many symbols have none, a code of 1 bit, of 2 … of 15. */
export type CodeLengths = readonly number[];

/**
 * A lossless picture whose five prefix codes (green, red, blue, alpha, distance) have these lengths, whether or not
 * they make a code at all. All its pixels are the first symbols of their codes.
 */
export function losslessWithCodes({ width, height }: Size, codes: CodeLengths[]): Uint8Array {
  const bits = new BitWriter();
  bits.put(0x2f, 8);
  bits.put(width - 1, 14);
  bits.put(height - 1, 14);
  // No alpha, version 0; no transform, no colour cache, one group of codes.
  bits.put(0, 1 + 3);
  bits.put(0, 1 + 1 + 1);
  for (const lengths of codes) putCodeLengths(bits, lengths);
  for (let pixel = 0; pixel < width * height; pixel++) bits.put(0, 32);
  return riff(chunk("VP8L", bits.bytes()));
}

function putCodeLengths(bits: BitWriter, lengths: CodeLengths): void {
  bits.put(0, 1);
  bits.put(LENGTH_CODE_ORDER.length - 4, 4);
  for (const symbol of LENGTH_CODE_ORDER) bits.put(symbol < 16 ? LENGTH_CODE_BITS : 0, 3);
  bits.put(0, 1);
  for (const [length, symbols] of lengths.entries()) {
    for (let symbol = 0; symbol < symbols; symbol++) bits.putCode(length, LENGTH_CODE_BITS);
  }
}
