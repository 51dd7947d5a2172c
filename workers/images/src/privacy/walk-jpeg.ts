import type { MetadataKind } from "../../../../shared/contracts/images.ts";
import { spells, viewOf } from "../../../../shared/image-header/bytes.ts";
import { EXIF_PREFIX, isOrientationOnly, orientationOnly, readExif, readXmp } from "./exif-notes.ts";
import { type Guide, type Sighting, skip, TO_THE_END, take, type Walk } from "./walk.ts";

/** Marker names of ITU-T T.81, table B.1. */
const FILL = 0xff;
const STUFFED = 0x00;
const TEM = 0x01;
const SOF0 = 0xc0;
const JPG = 0xc8;
const SOF15 = 0xcf;
const RST0 = 0xd0;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const EXP = 0xdf;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP11 = 0xeb;
const APP13 = 0xed;
const APP14 = 0xee;
const COM = 0xfe;

/** Of a JFIF segment: name, version and density, then the size of a thumbnail and its pixels. */
const JFIF_BYTES = 14;
const JFIF_THUMBNAIL_AT = 12;
/** Of an Adobe segment: name, version, flags, and which colours the picture has. */
const ADOBE_BYTES = 12;

type Judgement = Pick<Sighting, "found" | "insert"> | "kept";

/** Sees a JPEG's segments (ITU-T T.81 §B.1). What the picture is decoded with stays; all that is told beside it goes. */
export function* walkJpeg(guide: Guide): Walk {
  const judge = judgeSegments();
  yield skip(2);
  let marker = yield* nextMarker(guide);
  while (marker !== null) {
    const offset = guide.at - 2;
    if (marker === EOI) return yield* passEnd(guide);
    if (!isAlone(marker)) {
      const size = yield take(2);
      if (size.length < 2) return;
      const bytes = Math.max(viewOf(size).getUint16(0) - 2, 0);
      if (isOfPicture(marker)) yield skip(bytes);
      const judgement = isOfPicture(marker) ? "kept" : judge(marker, yield take(bytes));
      if (judgement !== "kept") guide.note({ offset, length: 4 + bytes, ...judgement });
    }
    marker = marker === SOS ? yield* markerAfterScan() : yield* nextMarker(guide);
  }
}

function* markerAfterScan(): Walk<number | null> {
  const [marker = null] = yield { kind: "marker", after: STUFFED };
  return marker;
}

/** Decoders pass over what stands between two segments, so it need not leave. */
function* nextMarker(guide: Guide): Walk<number | null> {
  const offset = guide.at;
  const [first, second] = yield take(2);
  if (first === undefined || second === undefined) return null;
  if (first === FILL && second !== STUFFED && second !== FILL) return second;
  const [marker = null] = yield { kind: "marker", after: second };
  const length = marker === null ? TO_THE_END : guide.at - 2 - offset;
  guide.note({ offset, length, found: first === FILL ? [] : ["other"] });
  return marker;
}

/** Behind the picture phones put more pictures, each with notes of its own, and films. */
function* passEnd(guide: Guide): Walk {
  const offset = guide.at;
  const behind = yield take(2);
  if (behind.length === 0) return;
  const isPicture = behind[0] === FILL && behind[1] === SOI;
  guide.note({ offset, length: TO_THE_END, found: [isPicture ? "extra_pictures" : "appended_data"] });
}

/** Frames, tables and scans, up to DHT and from DQT on. */
function isOfPicture(marker: number): boolean {
  return (marker >= SOF0 && marker <= SOF15 && marker !== JPG) || marker === SOS || (marker >= DQT && marker <= EXP);
}

function isAlone(marker: number): boolean {
  return marker === TEM || (marker >= RST0 && marker <= SOI);
}

function judgeSegments(): (marker: number, payload: Uint8Array) => Judgement {
  let exifBlocks = 0;
  return (marker, payload) => {
    switch (marker) {
      case APP0:
        return judgeJfif(payload);
      case APP1:
        if (spells(payload, 0, "http://ns.adobe.com/")) return { found: readXmp(payload) };
        if (!spells(payload, 0, "Exif\0")) return { found: ["other"] };
        exifBlocks += 1;
        return judgeExif(payload, exifBlocks === 1);
      case APP2:
        if (spells(payload, 0, "ICC_PROFILE\0")) return "kept";
        return { found: [spells(payload, 0, "MPF\0") ? "extra_pictures" : "other"] };
      case APP14:
        return judgeAdobe(payload);
      default:
        return { found: [kindOf(marker, payload)] };
    }
  };
}

function kindOf(marker: number, payload: Uint8Array): MetadataKind {
  if (marker === COM) return "comment";
  if (marker === APP11 && spells(payload, 0, "JP")) return "content_credentials";
  if (marker === APP13 && spells(payload, 0, "Photoshop 3.0\0")) return "iptc";
  return "other";
}

/** Readers turn a picture by its first EXIF block. Another one could turn it anew once the first is gone. */
function judgeExif(payload: Uint8Array, isFirst: boolean): Judgement {
  const { orientation, found } = readExif(payload);
  if (!isFirst) return { found };
  const hasPrefix = spells(payload, 0, EXIF_PREFIX);
  if (hasPrefix && isOrientationOnly(payload.subarray(EXIF_PREFIX.length), orientation)) return "kept";
  if (orientation === 1) return { found };
  const prefix = new TextEncoder().encode(EXIF_PREFIX);
  return { found, insert: segment(APP1, Uint8Array.from([...prefix, ...orientationOnly(orientation)])) };
}

function judgeJfif(payload: Uint8Array): Judgement {
  if (!spells(payload, 0, "JFIF\0") || payload.length < JFIF_BYTES) {
    return { found: [spells(payload, 0, "JFXX\0") ? "thumbnail" : "other"] };
  }
  if (payload.length === JFIF_BYTES) return "kept";
  const withoutThumbnail = [...payload.subarray(0, JFIF_THUMBNAIL_AT), 0, 0];
  return { found: ["thumbnail"], insert: segment(APP0, Uint8Array.from(withoutThumbnail)) };
}

function judgeAdobe(payload: Uint8Array): Judgement {
  if (!spells(payload, 0, "Adobe") || payload.length < ADOBE_BYTES) return { found: ["other"] };
  if (payload.length === ADOBE_BYTES) return "kept";
  return { found: ["other"], insert: segment(APP14, payload.slice(0, ADOBE_BYTES)) };
}

function segment(marker: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 2;
  return Uint8Array.from([FILL, marker, length >> 8, length & 0xff, ...payload]);
}
