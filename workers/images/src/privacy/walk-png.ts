import type { MetadataKind } from "../../../../shared/contracts/images.ts";
import { fourCharacters, spells, viewOf } from "../../../../shared/image-header/bytes.ts";
import { crc32 } from "./crc32.ts";
import { isOrientationOnly, orientationOnly, readExif, readXmp } from "./exif-notes.ts";
import { type Guide, type Sighting, skip, TO_THE_END, take, type Walk } from "./walk.ts";

const SIGNATURE_BYTES = 8;
const CHUNK_HEADER_BYTES = 8;
const CHECKSUM_BYTES = 4;
/** As much of a note as is looked at. All of it is cut, however long it is. */
const NOTE_BYTES_MAX = 64 * 1024;

/** Chunks beside the critical ones that change what is seen: transparency, colours, density, and the frames of APNG. */
const KEPT = new Set(
  "tRNS gAMA cHRM sRGB iCCP cICP mDCV mDCv cLLI cLLi sBIT bKGD hIST pHYs sPLT acTL fcTL fdAT".split(" "),
);

const KINDS = new Map<string, MetadataKind>([
  ["tEXt", "text"],
  ["zTXt", "text"],
  ["iTXt", "text"],
  ["tIME", "time"],
  ["caBX", "content_credentials"],
]);

/** Sees a PNG's chunks (PNG 3rd edition §5.3). Of those that a decoder may pass over, only what changes the picture stays. */
export function* walkPng(guide: Guide): Walk {
  let isFirstExif = true;
  yield skip(SIGNATURE_BYTES);
  for (;;) {
    const offset = guide.at;
    const header = yield take(CHUNK_HEADER_BYTES);
    if (header.length < CHUNK_HEADER_BYTES) return;
    const bytes = viewOf(header).getUint32(0);
    const name = fourCharacters(header, 4);
    if (isCritical(name) || KEPT.has(name)) {
      yield skip(bytes + CHECKSUM_BYTES);
      if (name === "IEND") return yield* passEnd(guide);
      continue;
    }
    const note = yield take(Math.min(bytes, NOTE_BYTES_MAX));
    const judgement = name === "eXIf" ? judgeExif(note, isFirstExif) : { found: kindsOf(name, note) };
    isFirstExif &&= name !== "eXIf";
    if (judgement !== "kept") guide.note({ offset, length: CHUNK_HEADER_BYTES + bytes + CHECKSUM_BYTES, ...judgement });
    yield skip(bytes - note.length + CHECKSUM_BYTES);
  }
}

/** A decoder that does not know a critical chunk, whose name begins with a capital, cannot show the picture without it. */
function isCritical(name: string): boolean {
  return /^[A-Z]/.test(name);
}

function* passEnd(guide: Guide): Walk {
  const offset = guide.at;
  const behind = yield take(1);
  if (behind.length > 0) guide.note({ offset, length: TO_THE_END, found: ["appended_data"] });
}

function kindsOf(name: string, note: Uint8Array): MetadataKind[] {
  // Some programs compress it (zTXt), and then it only tells that it is there.
  if (spells(note, 0, "XML:com.adobe.xmp\0")) return readXmp(note);
  return [KINDS.get(name) ?? "other"];
}

function judgeExif(note: Uint8Array, isFirst: boolean): Pick<Sighting, "found" | "insert"> | "kept" {
  const { orientation, found } = readExif(note);
  if (!isFirst) return { found };
  if (isOrientationOnly(note, orientation)) return "kept";
  return orientation === 1 ? { found } : { found, insert: chunk("eXIf", orientationOnly(orientation)) };
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const named = Uint8Array.from([...new TextEncoder().encode(name), ...content]);
  const whole = new Uint8Array(named.length + CHUNK_HEADER_BYTES);
  whole.set(named, 4);
  const view = viewOf(whole);
  view.setUint32(0, content.length);
  view.setUint32(named.length + 4, crc32(named));
  return whole;
}
