import type { ImageHeader } from "../../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { profileOfPng } from "../colour/embedded.ts";
import { applyProfile } from "./apply-profile.ts";
import { type BadImage, damaged, otherSize, tooLarge } from "./bad-image.ts";
import type { Kernel } from "./kernel.ts";
import type { Meter } from "./meter.ts";
import type { Original } from "./original.ts";
import { bytesOf, type Picture, type Size, sameSize } from "./picture.ts";
import { type PngStart, readChunk, readStart, SAMPLES, skipChecksum } from "./png-header.ts";
import { interlacedTarget } from "./png-interlaced.ts";
import { RowSink, type RowTarget } from "./png-rows.ts";

/** How much of the inflated rows is taken at once: the default reader would give 4 KB for each turn of the event loop. */
const INFLATED_BYTES = 131_072;

/** What decoding a PNG works with. */
export interface PngDesk {
  kernel: Kernel;
  meter: Meter;
}

/**
 * Decodes a PNG as it arrives to exactly `size`. Of the source only two rows are ever in memory, so its size hardly
 * matters; but the rows of an interlaced file do not come in order, so that is put together first.
 */
export async function decodePng(
  desk: PngDesk,
  original: Original,
  expected: ImageHeader,
  size: Size,
): Promise<Result<Picture, BadImage>> {
  const start = await readStart(original);
  if (start === null) return damaged();
  if (!sameSize(start.header, expected)) return otherSize();
  const decode = expected.progressive ? decodeInterlaced : decodeRows;
  const decoded = await decode(desk, original, start, size);
  if (decoded.ok && start.profile !== null) {
    applyProfile(desk.kernel, decoded.value, await profileOfPng(start.profile));
  }
  return decoded;
}

type Decode = (desk: PngDesk, original: Original, start: PngStart, size: Size) => Promise<Result<Picture, BadImage>>;

const decodeRows: Decode = async ({ kernel, meter }, original, start, size) => {
  const { width, height } = start.header;
  const alpha = hasAlpha(start);
  if (kernel.call("scaler_open", width, height, size.width, size.height, alpha ? 1 : 0) === 0) return tooLarge();
  const target: RowTarget = {
    passes: [start.header],
    take(_pass, _row, paint) {
      const address = kernel.call("scaler_row");
      paint(new Uint32Array(kernel.memory.buffer, address, width));
      kernel.call("scaler_push");
    },
  };
  const isComplete = await inflate(original, start, target, meter);
  // Of rows that are missing it makes nothing, but it frees what it holds.
  const address = kernel.callForMemory("scaler_close");
  if (!isComplete) return damaged();
  return address === null ? tooLarge() : ok({ address, ...size, alpha });
};

const decodeInterlaced: Decode = async ({ kernel, meter }, original, start, size) => {
  const { width, height } = start.header;
  const address = kernel.alloc(bytesOf({ width, height }));
  if (address === null) return tooLarge();
  const whole = { address, width, height, alpha: hasAlpha(start) };
  if (!(await inflate(original, start, interlacedTarget(kernel, whole), meter))) return damaged();
  if (sameSize(whole, size)) return ok(whole);
  const resized = kernel.resize(whole, null, size);
  kernel.release(whole.address);
  return ok(resized);
};

function hasAlpha({ header, transparency }: PngStart): boolean {
  return SAMPLES[header.colourType] % 2 === 0 || transparency !== null;
}

/**
 * Sends the content of the IDAT chunks through the runtime's inflater and the rows that come out to the target. What
 * the inflater says of the file does not matter.
 * @returns whether all rows came
 * @throws when the original's stream breaks, or the kernel does
 */
async function inflate(original: Original, start: PngStart, target: RowTarget, meter: Meter): Promise<boolean> {
  const inflater = new DecompressionStream("deflate");
  const rows = new RowSink(start, target, meter);
  const [fed, drained] = await Promise.allSettled([
    feed(original, start.firstData, inflater.writable),
    drain(inflater.readable, rows),
  ]);
  rows.free();
  if (fed.status === "rejected") throw fed.reason;
  if (drained.status === "rejected") throw drained.reason;
  return rows.isComplete;
}

async function feed(original: Original, firstData: number, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  // The loop below learns of a broken stream from its own calls.
  writer.closed.catch(() => {});
  try {
    for (let left: number | null = firstData; left !== null; left = await nextData(original)) {
      while (left > 0) {
        const part = await original.upTo(left);
        if (part === null) break;
        left -= part.length;
        if (!(await isTaken(writer, part))) return;
      }
    }
  } finally {
    // Closing is what makes the inflater give its last rows, and end for whoever reads them.
    writer.close().catch(() => {});
  }
}

/** False once the inflater wants no more: it met a mistake or its end, or all rows are there. */
async function isTaken(writer: WritableStreamDefaultWriter<Uint8Array>, part: Uint8Array): Promise<boolean> {
  try {
    await writer.write(part);
    return true;
  } catch {
    return false;
  }
}

/** Bytes of the next IDAT chunk, or null when there is none: they stand in a row. */
async function nextData(original: Original): Promise<number | null> {
  await skipChecksum(original);
  const chunk = await readChunk(original);
  return chunk !== null && chunk.name === "IDAT" ? chunk.length : null;
}

async function drain(readable: ReadableStream<Uint8Array>, rows: RowSink): Promise<void> {
  const reader = readable.getReader({ mode: "byob" });
  try {
    let buffer = new Uint8Array(INFLATED_BYTES);
    for (;;) {
      const value = await nextInflated(reader, buffer);
      if (value === null || !rows.push(value)) return;
      buffer = new Uint8Array(value.buffer);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Null at the end and for bytes that cannot be inflated. */
async function nextInflated(
  reader: ReadableStreamBYOBReader,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const { value } = await reader.readAtLeast(INFLATED_BYTES, buffer);
    return value === undefined || value.length === 0 ? null : value;
  } catch {
    return null;
  }
}
