import { crc32, deflateSync } from "node:zlib";

/** Colour types of PNG (ISO/IEC 15948, table 11.1) and how many samples each pixel of them has. */
const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;
export type ColourType = keyof typeof SAMPLES;

const PALETTE = 3;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const FILTERS = 5;

export interface DrawnPng {
  width: number;
  height: number;
  colourType: ColourType;
  bitDepth: 1 | 2 | 4 | 8 | 16;
  /** Whether one colour or part of the palette is transparent (a tRNS chunk). */
  seeThrough: boolean;
}

/**
 * Draws a PNG of any colour type and depth, which libvips itself cannot write. Its rows use all five filters in turn,
 * and its data comes in several chunks.
 */
export function drawPng(options: DrawnPng): Buffer {
  const { width, height, colourType, bitDepth, seeThrough } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  const chunks = [chunk("IHDR", header)];
  if (colourType === PALETTE) chunks.push(chunk("PLTE", palette(2 ** bitDepth)));
  if (seeThrough) chunks.push(chunk("tRNS", transparency(options)));
  const data = deflateSync(filtered(options));
  const third = Math.ceil(data.length / 3);
  for (let at = 0; at < data.length; at += third) chunks.push(chunk("IDAT", data.subarray(at, at + third)));
  return Buffer.concat([SIGNATURE, ...chunks, chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A soft walk from one colour to another. */
function palette(colours: number): Buffer {
  const share = (index: number) => index / Math.max(1, colours - 1);
  return Buffer.from(
    Array.from({ length: colours }, (_, index) => [40 + 180 * share(index), 200 - 120 * share(index), 90]).flat(),
  );
}

/** The first half of a palette fades in; of other types black, the lowest value, is transparent. */
function transparency({ colourType, bitDepth }: DrawnPng): Buffer {
  if (colourType !== PALETTE) return Buffer.alloc(2 * SAMPLES[colourType]);
  const colours = 2 ** bitDepth;
  return Buffer.from(Array.from({ length: Math.ceil(colours / 2) }, (_, index) => (510 * index) / colours));
}

/** A value from 0 to 1 at a place of the picture: a slope with a disc on it, different in each channel. */
function brightness(x: number, y: number, channel: number): number {
  const distance = Math.hypot(x - 0.3 - 0.1 * channel, y - 0.4);
  const slope = (x * (channel + 1) + y * (3 - channel)) / 4;
  return distance < 0.2 ? 0 : slope;
}

/** All rows, each behind the number of its filter. */
function filtered({ width, height, colourType, bitDepth }: DrawnPng): Buffer {
  const samples = SAMPLES[colourType];
  const rowBytes = Math.ceil((width * samples * bitDepth) / 8);
  const pixelBytes = Math.max(1, (samples * bitDepth) / 8);
  const rows: Buffer[] = [];
  let above = Buffer.alloc(rowBytes);
  for (let y = 0; y < height; y++) {
    const row = Buffer.alloc(rowBytes);
    for (let sample = 0; sample < width * samples; sample++) {
      const x = Math.floor(sample / samples) / width;
      const value = brightness(x, y / height, sample % samples);
      putSample(row, sample, bitDepth, Math.round(Math.min(1, value) * (2 ** bitDepth - 1)));
    }
    const filter = y % FILTERS;
    rows.push(Buffer.from([filter]), filterRow(row, above, filter, pixelBytes));
    above = row;
  }
  return Buffer.concat(rows);
}

function putSample(row: Buffer, index: number, bitDepth: number, value: number): void {
  if (bitDepth === 16) {
    row.writeUInt16BE(value, 2 * index);
    return;
  }
  const bit = index * bitDepth;
  const shift = 8 - bitDepth - (bit % 8);
  row[bit >> 3] = (row[bit >> 3] ?? 0) | (value << shift);
}

function filterRow(row: Buffer, above: Buffer, filter: number, pixelBytes: number): Buffer {
  const result = Buffer.alloc(row.length);
  for (let at = 0; at < row.length; at++) {
    const left = row[at - pixelBytes] ?? 0;
    const upLeft = above[at - pixelBytes] ?? 0;
    result[at] = row[at]! - predicted(filter, left, above[at]!, upLeft);
  }
  return result;
}

/** ISO/IEC 15948, 9.2. */
function predicted(filter: number, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, upLeft);
    default:
      return 0;
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const guess = left + up - upLeft;
  const byLeft = Math.abs(guess - left);
  const byUp = Math.abs(guess - up);
  const byUpLeft = Math.abs(guess - upLeft);
  if (byLeft <= byUp && byLeft <= byUpLeft) return left;
  return byUp <= byUpLeft ? up : upLeft;
}
