import type { MetadataKind } from "../../../../shared/contracts/images.ts";
import { fourCharacters, viewOf } from "../../../../shared/image-header/bytes.ts";
import type { Cut } from "./cuts.ts";
import { isOrientationOnly, orientationOnly, readExif, readXmp } from "./exif-notes.ts";
import { type Guide, type Route, type Sighting, skip, TO_THE_END, take, type Walk } from "./walk.ts";

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** The file's length stands here, without itself and what is before it. */
const LENGTH_AT = 4;
const LENGTH_COVERS_FROM = 8;
/** VP8X is the first chunk where there is one, and begins with what the file has (RFC 9649 §2.7). */
const FLAGS_AT = RIFF_HEADER_BYTES + CHUNK_HEADER_BYTES;
const FLAG_EXIF = 0x08;
const FLAG_XMP = 0x04;
/** As much of a note as is looked at. All of it is cut, however long it is. */
const NOTE_BYTES_MAX = 64 * 1024;

/** Pixels, transparency, animation and colours. */
const KEPT = new Set(["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"]);

/** Sees a WebP's chunks (RFC 9649 §2.3). Its length and its flags stand in its beginning, so these are mended. */
export class WebpRoute implements Route {
  /** Null without VP8X: then nothing turns the picture either. */
  #flags: number | null = null;
  #isFirstExif = true;
  /** Whether the orientation stays, when all is cut. */
  #keepsExif = false;

  *walk(guide: Guide): Walk {
    const riff = yield take(RIFF_HEADER_BYTES);
    if (riff.length < RIFF_HEADER_BYTES) return;
    const end = LENGTH_COVERS_FROM + viewOf(riff).getUint32(LENGTH_AT, true);
    while (guide.at < end) {
      const header = yield take(CHUNK_HEADER_BYTES);
      if (header.length < CHUNK_HEADER_BYTES) return;
      const bytes = viewOf(header).getUint32(4, true);
      yield* this.#passChunk(guide, fourCharacters(header, 0), bytes + (bytes % 2));
    }
    const offset = guide.at;
    const behind = yield take(1);
    if (behind.length > 0) guide.note({ offset, length: TO_THE_END, found: ["appended_data"] });
  }

  mend(cuts: Cut[], bytes: number): Cut[] {
    if (cuts.length === 0) return [];
    const left = cuts.reduce((total, cut) => total - cut.length + (cut.insert?.length ?? 0), bytes);
    const length = new Uint8Array(4);
    viewOf(length).setUint32(0, left - LENGTH_COVERS_FROM, true);
    const mended: Cut[] = [{ offset: LENGTH_AT, length: length.length, insert: length }];
    if (this.#flags === null) return mended;
    const flags = (this.#flags & ~(FLAG_EXIF | FLAG_XMP)) | (this.#keepsExif ? FLAG_EXIF : 0);
    return flags === this.#flags ? mended : [...mended, { offset: FLAGS_AT, length: 1, insert: Uint8Array.of(flags) }];
  }

  /** @param bytes of its content, with the byte that makes them even */
  *#passChunk(guide: Guide, name: string, bytes: number): Walk {
    const contentAt = guide.at;
    const isKept = KEPT.has(name);
    const content = yield take(isKept ? Math.min(bytes, 1) : Math.min(bytes, NOTE_BYTES_MAX));
    if (name === "VP8X" && contentAt === FLAGS_AT) this.#flags = content[0] ?? null;
    const judgement = isKept ? "kept" : this.#judge(name, content);
    if (judgement !== "kept") {
      guide.note({ offset: contentAt - CHUNK_HEADER_BYTES, length: CHUNK_HEADER_BYTES + bytes, ...judgement });
    }
    yield skip(bytes - content.length);
  }

  #judge(name: string, content: Uint8Array): Pick<Sighting, "found" | "insert"> | "kept" {
    if (name === "EXIF") return this.#judgeExif(content);
    const kinds: MetadataKind[] =
      name === "XMP " ? readXmp(content) : [name === "C2PA" ? "content_credentials" : "other"];
    return { found: kinds };
  }

  #judgeExif(content: Uint8Array): Pick<Sighting, "found" | "insert"> | "kept" {
    const { orientation, found } = readExif(content);
    this.#keepsExif ||= this.#isFirstExif && this.#flags !== null && orientation !== 1;
    const turns = this.#isFirstExif && this.#keepsExif;
    this.#isFirstExif = false;
    if (!turns) return { found };
    if (isOrientationOnly(content, orientation)) return "kept";
    return { found, insert: chunk("EXIF", orientationOnly(orientation)) };
  }
}

function chunk(name: string, content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(CHUNK_HEADER_BYTES + content.length);
  whole.set(new TextEncoder().encode(name));
  viewOf(whole).setUint32(4, content.length, true);
  whole.set(content, CHUNK_HEADER_BYTES);
  return whole;
}
