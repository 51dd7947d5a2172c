import { GREY, GREY_ALPHA, PALETTE, type PngColours, type PngHeader, RGB } from "./png-header.ts";

/** Writes a row's pixels as RGBA, one little-endian number each. */
export type RowPainter = (row: Uint8Array, to: Uint32Array) => void;

const OPAQUE = 0xff;
const PALETTE_ENTRIES_MAX = 256;

/** How the rows of this PNG become pixels. */
export function rowPainter(header: PngHeader, colours: PngColours): RowPainter {
  const { colourType, bitDepth } = header;
  if (colourType === PALETTE) return packedPainter(bitDepth, paletteOf(colours));
  if (colourType === GREY && bitDepth <= 8) return packedPainter(bitDepth, greysOf(bitDepth, colours.transparency));
  if (colourType === RGB && bitDepth === 8) return rgbPainter(colours.transparency);
  return samplePainter(header, colours.transparency);
}

export function rgba(red: number, green: number, blue: number, alpha: number): number {
  return (red | (green << 8) | (blue << 16) | (alpha << 24)) >>> 0;
}

/** The colour of every value of a palette's pixel. What lies beyond the palette is black, as browsers show it. */
function paletteOf({ palette, transparency }: PngColours): Uint32Array {
  const table = new Uint32Array(PALETTE_ENTRIES_MAX).fill(rgba(0, 0, 0, OPAQUE));
  for (let i = 0; i < Math.floor(palette.length / 3); i++) {
    const alpha = transparency?.[i] ?? OPAQUE;
    table[i] = rgba(at(palette, 3 * i), at(palette, 3 * i + 1), at(palette, 3 * i + 2), alpha);
  }
  return table;
}

/** The colour of every value of a grey pixel of up to 8 bits. */
function greysOf(bitDepth: number, transparency: Uint8Array | null): Uint32Array {
  const brightest = 2 ** bitDepth - 1;
  const clear = transparency === null ? null : sampleAt(transparency, 0);
  return Uint32Array.from({ length: brightest + 1 }, (_, value) => {
    const grey = Math.round((value * 255) / brightest);
    return rgba(grey, grey, grey, value === clear ? 0 : OPAQUE);
  });
}

/** One value of 1, 2, 4 or 8 bits for each pixel, the leftmost in the highest bits, looked up in a table. */
function packedPainter(bitDepth: number, table: Uint32Array): RowPainter {
  if (bitDepth === 8) {
    return (row, to) => {
      for (let x = 0; x < to.length; x++) to[x] = table[at(row, x)] ?? 0;
    };
  }
  const perByte = 8 / bitDepth;
  const mask = 2 ** bitDepth - 1;
  return (row, to) => {
    for (let x = 0; x < to.length; x++) {
      const shift = 8 - bitDepth * (1 + (x % perByte));
      to[x] = table[(at(row, Math.floor(x / perByte)) >> shift) & mask] ?? 0;
    }
  };
}

/** The usual photo, in a loop of its own: a screenshot or a camera's PNG has millions of these. */
function rgbPainter(transparency: Uint8Array | null): RowPainter {
  const clear = transparency === null ? null : clearColour(transparency);
  return (row, to) => {
    for (let x = 0, from = 0; x < to.length; x++, from += 3) {
      const colour = at(row, from) | (at(row, from + 1) << 8) | (at(row, from + 2) << 16);
      to[x] = colour === clear ? colour : colour | (OPAQUE << 24);
    }
  };
}

function clearColour(transparency: Uint8Array): number {
  return sampleAt(transparency, 0) | (sampleAt(transparency, 2) << 8) | (sampleAt(transparency, 4) << 16);
}

/** All other kinds: samples of 8 or 16 bits, with or without alpha, with or without one clear colour. */
function samplePainter({ colourType, bitDepth }: PngHeader, transparency: Uint8Array | null): RowPainter {
  const isGrey = colourType === GREY || colourType === GREY_ALPHA;
  const colours = isGrey ? 1 : 3;
  const hasAlpha = colourType !== GREY && colourType !== RGB;
  const bytes = bitDepth / 8;
  const step = (colours + (hasAlpha ? 1 : 0)) * bytes;
  const sample = bitDepth === 16 ? narrowed : at;
  return (row, to) => {
    for (let x = 0, from = 0; x < to.length; x++, from += step) {
      const red = sample(row, from);
      const green = isGrey ? red : sample(row, from + bytes);
      const blue = isGrey ? red : sample(row, from + 2 * bytes);
      to[x] = rgba(red, green, blue, hasAlpha ? sample(row, from + colours * bytes) : alphaAt(row, from));
    }
  };

  /** Compared before 16 bits become 8: near colours are not clear. Only deep samples come here without alpha. */
  function alphaAt(row: Uint8Array, from: number): number {
    if (transparency === null) return OPAQUE;
    for (let i = 0; i < colours; i++) {
      if (sampleAt(row, from + 2 * i) !== sampleAt(transparency, 2 * i)) return OPAQUE;
    }
    return 0;
  }
}

/** 16 bits, as the file writes them. */
function sampleAt(bytes: Uint8Array, index: number): number {
  return (at(bytes, index) << 8) | at(bytes, index + 1);
}

/** 16 bits rounded to 8. */
function narrowed(bytes: Uint8Array, index: number): number {
  return Math.round(sampleAt(bytes, index) / 257);
}

/** Every index lies within the bytes, or the file is too short for what it says and the rest counts as 0. */
function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
