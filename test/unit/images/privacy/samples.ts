import { crc32 } from "node:zlib";
import sharp from "sharp";
import { isInserted, type Piece, piecesOf } from "../../../../workers/images/src/privacy/cuts.ts";
import type { Scanned } from "../../../../workers/images/src/privacy/scan.ts";
import { scanOf } from "../../../../workers/images/src/privacy/scanner.ts";
import { concatenate } from "../../../support/metadata.ts";

/** A small picture with a colour profile, turned on its side. */
export function picture() {
  const pixels = Buffer.from(Array.from({ length: 24 * 16 * 3 }, (_, i) => (i * 7) % 256));
  return sharp(pixels, { raw: { width: 24, height: 16, channels: 3 } }).withIccProfile("p3");
}

/** Scans a file that comes in chunks of that many bytes. */
export function scan(mimeType: string, file: Uint8Array, chunkBytes = file.length): Scanned {
  const scanning = scanOf(mimeType);
  if (scanning === null) throw new Error(`${mimeType} is not scanned`);
  const chunk = new Uint8Array(Math.max(chunkBytes, 1));
  for (let at = 0; at < file.length; at += chunk.length) {
    const next = file.subarray(at, at + chunk.length);
    // One buffer for all chunks, as uploads have it.
    chunk.set(next);
    scanning.push(chunk.subarray(0, next.length));
  }
  return scanning.finish();
}

/** What leaves of a file. */
export function applied(file: Uint8Array, pieces: Piece[]): Uint8Array<ArrayBuffer> {
  return concatenate(
    pieces.map((piece) => (isInserted(piece) ? piece : file.subarray(piece.offset, piece.offset + piece.length))),
  );
}

/** A file without its metadata. */
export function stripped(mimeType: string, file: Uint8Array): Uint8Array<ArrayBuffer> {
  const { cuts } = scan(mimeType, file);
  if (cuts === null) throw new Error("too many cuts");
  return applied(file, piecesOf({ bytes: file.length, cuts }));
}

export function pngChunk(name: string, content: Uint8Array): Uint8Array {
  const named = concatenate([new TextEncoder().encode(name), content]);
  const chunk = concatenate([new Uint8Array(4), named, new Uint8Array(4)]);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length);
  view.setUint32(named.length + 4, crc32(named));
  return chunk;
}

/** Puts chunks in front of a PNG's pixels. */
export function pngWith(
  png: Uint8Array,
  chunks: Uint8Array[],
  behind: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const afterHeader = 8 + 12 + 13;
  return concatenate([png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader), behind]);
}

export function webpChunk(name: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + content.length + (content.length % 2));
  chunk.set(new TextEncoder().encode(name));
  new DataView(chunk.buffer).setUint32(4, content.length, true);
  chunk.set(content, 8);
  return chunk;
}

/** Puts chunks behind a WebP's own, and sets its length. */
export function webpWith(
  webp: Uint8Array,
  chunks: Uint8Array[],
  behind: Uint8Array = new Uint8Array(0),
): Uint8Array<ArrayBuffer> {
  const whole = concatenate([webp, ...chunks]);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return concatenate([whole, behind]);
}
