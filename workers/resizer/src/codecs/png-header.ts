import { PROFILE_BYTES_MAX } from "../colour/embedded.ts";
import type { Original } from "./original.ts";

/** IHDR, as the PNG specification (3rd edition §11.2.1) lays it out. */
export interface PngHeader {
  width: number;
  height: number;
  bitDepth: number;
  colourType: ColourType;
}

export const GREY = 0;
export const RGB = 2;
export const PALETTE = 3;
export const GREY_ALPHA = 4;
export const RGBA = 6;

export type ColourType = typeof GREY | typeof RGB | typeof PALETTE | typeof GREY_ALPHA | typeof RGBA;

/** Samples for each pixel. */
export const SAMPLES: Record<ColourType, number> = { [GREY]: 1, [RGB]: 3, [PALETTE]: 1, [GREY_ALPHA]: 2, [RGBA]: 4 };

/** What the chunks before the pixels say of their colours. */
export interface PngColours {
  /** Three bytes for each entry. */
  palette: Uint8Array;
  /** tRNS as it stands: alpha of the palette's entries, or the one colour that is transparent. Null without. */
  transparency: Uint8Array | null;
  /** Content of iCCP: the colour profile, still deflated. Null without, and for one too large to be applied. */
  profile: Uint8Array | null;
}

export interface PngStart extends PngColours {
  header: PngHeader;
  /** Bytes of the first IDAT chunk, whose content comes next. */
  firstData: number;
}

const SIGNATURE_BYTES = 8;
const CHUNK_HEADER_BYTES = 8;
const CHECKSUM_BYTES = 4;
const IHDR_BYTES = 13;
const PALETTE_BYTES_MAX = 768;
const TRANSPARENCY_BYTES_MAX = 256;

export interface Chunk {
  name: string;
  /** Bytes of content. */
  length: number;
}

/** The next chunk's name and length, or null when the file ends. */
export async function readChunk(original: Original): Promise<Chunk | null> {
  const bytes = await original.exactly(CHUNK_HEADER_BYTES);
  if (bytes === null) return null;
  const length = new DataView(bytes.buffer).getUint32(0);
  return { name: String.fromCharCode(...bytes.subarray(4)), length };
}

/** Skips the checksum after a chunk's content: a wrong one does not make the pixels worse than they are. */
export async function skipChecksum(original: Original): Promise<void> {
  await original.exactly(CHECKSUM_BYTES);
}

/** Reads everything before the pixels. Null when it is no PNG, or one without pixels. */
export async function readStart(original: Original): Promise<PngStart | null> {
  if ((await original.exactly(SIGNATURE_BYTES)) === null) return null;
  const header = await readHeader(original);
  if (header === null) return null;
  const colours: PngColours = { palette: new Uint8Array(), transparency: null, profile: null };
  for (;;) {
    const chunk = await readChunk(original);
    if (chunk === null || chunk.name === "IEND") return null;
    if (chunk.name === "IDAT") return { header, ...colours, firstData: chunk.length };
    if (!(await readColours(original, chunk, colours))) return null;
    await skipChecksum(original);
  }
}

async function readHeader(original: Original): Promise<PngHeader | null> {
  const chunk = await readChunk(original);
  if (chunk === null || chunk.name !== "IHDR" || chunk.length !== IHDR_BYTES) return null;
  const fields = await original.exactly(IHDR_BYTES);
  if (fields === null) return null;
  await skipChecksum(original);
  const view = new DataView(fields.buffer);
  const colourType = colourTypeOf(view.getUint8(9));
  if (colourType === null) return null;
  return { width: view.getUint32(0), height: view.getUint32(4), bitDepth: view.getUint8(8), colourType };
}

const COLOUR_TYPES: readonly ColourType[] = [GREY, RGB, PALETTE, GREY_ALPHA, RGBA];

function colourTypeOf(value: number): ColourType | null {
  return COLOUR_TYPES.find((known) => known === value) ?? null;
}

/** Takes what the chunk says of colours and skips any other. False when it is longer than such a chunk may be. */
async function readColours(original: Original, chunk: Chunk, colours: PngColours): Promise<boolean> {
  if (chunk.name === "PLTE") {
    const palette = chunk.length <= PALETTE_BYTES_MAX ? await original.exactly(chunk.length) : null;
    if (palette === null) return false;
    colours.palette = palette;
    return true;
  }
  if (chunk.name === "tRNS") {
    const transparency = chunk.length <= TRANSPARENCY_BYTES_MAX ? await original.exactly(chunk.length) : null;
    if (transparency === null) return false;
    colours.transparency = transparency;
    return true;
  }
  if (chunk.name === "iCCP" && chunk.length <= PROFILE_BYTES_MAX) {
    colours.profile = await original.exactly(chunk.length);
    return colours.profile !== null;
  }
  return skip(original, chunk.length);
}

async function skip(original: Original, length: number): Promise<boolean> {
  let left = length;
  while (left > 0) {
    const part = await original.upTo(left);
    if (part === null) return false;
    left -= part.length;
  }
  return true;
}
