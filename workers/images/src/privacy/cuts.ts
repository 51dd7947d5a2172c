import { fromHex, toHex } from "../../../../shared/hex.ts";
import type { ByteRange } from "../storage/objects.ts";
import { crc32 } from "./crc32.ts";

/** Bytes of an original that do not leave, and the few that stand in their place. */
export interface Cut extends ByteRange {
  insert?: Uint8Array;
}

/** What of an object leaves: where its bytes are cut, in order and apart from each other. */
export interface CutPlan {
  /** Of the whole object. */
  bytes: number;
  cuts: Cut[];
}

/** A part of what leaves: bytes of the object, or some that stand in for what was cut. */
export type Piece = ByteRange | Uint8Array<ArrayBuffer>;

export function isInserted(piece: Piece): piece is Uint8Array<ArrayBuffer> {
  return piece instanceof Uint8Array;
}

/** What leaves, in order. */
export function piecesOf({ bytes, cuts }: CutPlan): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { offset, length, insert } of cuts) {
    pieces.push({ offset: at, length: offset - at }, Uint8Array.from(insert ?? []));
    at = offset + length;
  }
  pieces.push({ offset: at, length: bytes - at });
  return pieces.filter((piece) => piece.length > 0);
}

/** How many bytes leave. */
export function lengthOf(pieces: Piece[]): number {
  return pieces.reduce((bytes, piece) => bytes + piece.length, 0);
}

/** The pieces of a range of what leaves. */
export function slicePieces(pieces: Piece[], { offset, length }: ByteRange): Piece[] {
  const slices: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const from = Math.max(offset - at, 0);
    const to = Math.min(offset + length - at, piece.length);
    if (from < to) slices.push(slicePiece(piece, from, to));
    at += piece.length;
  }
  return slices;
}

function slicePiece(piece: Piece, from: number, to: number): Piece {
  return isInserted(piece) ? piece.slice(from, to) : { offset: piece.offset + from, length: to - from };
}

/** Cuts as links and rows carry them: `<bytes>*<offset>.<length>.<insert in hex>*…`; empty where nothing is cut. */
export function writeCuts({ bytes, cuts }: CutPlan): string {
  if (cuts.length === 0) return "";
  const texts = cuts.map(({ offset, length, insert }) => `${offset}.${length}.${toHex(insert ?? new Uint8Array(0))}`);
  return [bytes, ...texts].join("*");
}

const PLAN = /^\d{1,15}(\*\d{1,15}\.\d{1,15}\.([0-9a-f]{2})*)+$/;

/** The strong ETag of what cuts leave of an object: another one for other cuts. */
export function cutEtag(etag: string, cuts: string): string {
  return `${etag}-${crc32(new TextEncoder().encode(cuts)).toString(16)}`;
}

/** @returns null for what `writeCuts` never wrote, as nothing of it may leave then */
export function readCuts(text: string): CutPlan | null {
  if (!PLAN.test(text)) return null;
  const [bytes, ...cuts] = text.split("*");
  return { bytes: Number(bytes), cuts: cuts.map(readCut) };
}

function readCut(text: string): Cut {
  const [offset, length, insert = ""] = text.split(".");
  const cut = { offset: Number(offset), length: Number(length) };
  return insert === "" ? cut : { ...cut, insert: fromHex(insert) };
}
