import { fourCharacters, viewOf } from "./bytes.ts";

export const RIFF_HEADER_BYTES = 12;
export const CHUNK_HEADER_BYTES = 8;
/** The part of an ANMF chunk before its own chunks: place, size, duration, flags. */
const ANIMATION_FRAME_BYTES = 16;
const LOSSLESS_SIGNATURE = 0x2f;
const LOSSY_START_CODE = [0x9d, 0x01, 0x2a];
/** Up to and with the size: RFC 6386 §9.1 and RFC 9649 §3.4. */
const LOSSY_HEADER_BYTES = 10;
const LOSSLESS_HEADER_BYTES = 5;
const SIZE_14_BITS = 0x3fff;
/** An animation of minutes has fewer frames. Millions of empty chunks would only keep an isolate busy. */
const CHUNKS_MAX = 10_000;

/** A chunk's name and where its content stands. */
export interface WebpChunk {
  name: string;
  at: number;
  /** As the chunk says: the content may be cut off. */
  length: number;
}

/** The chunks whose headers stand between the two places (RFC 9649 §2.3); not those behind the ten thousandth. */
export function* webpChunks(bytes: Uint8Array, from = RIFF_HEADER_BYTES, to = bytes.length): Generator<WebpChunk> {
  const view = viewOf(bytes);
  const end = Math.min(to, bytes.length);
  let at = from;
  for (let count = 0; count < CHUNKS_MAX && at + CHUNK_HEADER_BYTES <= end; count++) {
    const length = view.getUint32(at + 4, true);
    yield { name: fourCharacters(bytes, at), at: at + CHUNK_HEADER_BYTES, length };
    at += CHUNK_HEADER_BYTES + length + (length % 2);
  }
}

/** The compressed pixels of one picture: in pixels, as stored. */
export interface WebpBitstream {
  width: number;
  height: number;
  lossless: boolean;
  /** Of a lossless one, what it says of itself; of a lossy one, whether a plane of its own comes along. */
  alpha: boolean;
}

/** What a file shows first: a still picture, or the first frame of an animation and its place on the canvas. */
export interface WebpFrame extends WebpBitstream {
  left: number;
  top: number;
  pixels: WebpChunk;
  alphaPlane: WebpChunk | null;
}

/** Null for a frame that is garbled, or that begins beyond the bytes at hand. */
export function firstFrame(bytes: Uint8Array): WebpFrame | null {
  for (const chunk of webpChunks(bytes)) {
    if (chunk.name === "ANMF") return frameOfAnimation(bytes, chunk);
    if (chunk.name === "ALPH" || isBitstream(chunk)) return frameAt(bytes, chunk.at - CHUNK_HEADER_BYTES, bytes.length);
  }
  return null;
}

/** RFC 9649 §2.7.1.1: half of its place, its size less 1, then chunks as in a still picture. */
function frameOfAnimation(bytes: Uint8Array, { at, length }: WebpChunk): WebpFrame | null {
  if (at + ANIMATION_FRAME_BYTES > bytes.length) return null;
  const view = viewOf(bytes);
  const frame = frameAt(bytes, at + ANIMATION_FRAME_BYTES, at + length);
  if (frame === null) return null;
  const isSize = frame.width === 1 + readUint24(view, at + 6) && frame.height === 1 + readUint24(view, at + 9);
  return isSize ? { ...frame, left: 2 * readUint24(view, at), top: 2 * readUint24(view, at + 3) } : null;
}

function frameAt(bytes: Uint8Array, from: number, to: number): WebpFrame | null {
  let alphaPlane: WebpChunk | null = null;
  for (const chunk of webpChunks(bytes, from, to)) {
    if (chunk.name === "ALPH") alphaPlane = chunk;
    if (!isBitstream(chunk)) continue;
    const bitstream = readBitstream(bytes, chunk);
    if (bitstream === null) return null;
    const alpha = bitstream.alpha || alphaPlane !== null;
    return { ...bitstream, alpha, left: 0, top: 0, pixels: chunk, alphaPlane };
  }
  return null;
}

function isBitstream({ name }: WebpChunk): boolean {
  return name === "VP8 " || name === "VP8L";
}

/** Reads size and kind from the beginning of a `VP8 ` or `VP8L` chunk. Null when it is garbled or cut off. */
export function readBitstream(bytes: Uint8Array, { name, at }: WebpChunk): WebpBitstream | null {
  return name === "VP8L" ? readLossless(bytes, at) : readLossy(bytes, at);
}

/** RFC 6386 §9.1: the key frame's tag, start code, then two sizes of 14 bits below two bits of scaling. */
function readLossy(bytes: Uint8Array, at: number): WebpBitstream | null {
  if (at + LOSSY_HEADER_BYTES > bytes.length) return null;
  const view = viewOf(bytes);
  const isKeyFrame = (view.getUint8(at) & 1) === 0;
  const startsWell = LOSSY_START_CODE.every((byte, i) => bytes[at + 3 + i] === byte);
  const width = view.getUint16(at + 6, true) & SIZE_14_BITS;
  const height = view.getUint16(at + 8, true) & SIZE_14_BITS;
  if (!isKeyFrame || !startsWell || width === 0 || height === 0) return null;
  return { width, height, lossless: false, alpha: false };
}

/** RFC 9649 §3.4: signature, then width − 1 and height − 1 in 14 bits each, then the alpha hint. */
function readLossless(bytes: Uint8Array, at: number): WebpBitstream | null {
  if (at + LOSSLESS_HEADER_BYTES > bytes.length || bytes[at] !== LOSSLESS_SIGNATURE) return null;
  const bits = viewOf(bytes).getUint32(at + 1, true);
  const width = (bits & SIZE_14_BITS) + 1;
  const height = ((bits >>> 14) & SIZE_14_BITS) + 1;
  return { width, height, lossless: true, alpha: ((bits >>> 28) & 1) === 1 };
}

export function readUint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x1_0000;
}
