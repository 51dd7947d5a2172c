import { beginsWith, spells, viewOf } from "./bytes.ts";
import { readOrientation } from "./exif.ts";
import type { HeaderReading, Orientation } from "./header.ts";

const MAGIC = [0xff, 0xd8, 0xff];
const FIRST_MARKER_AT = 2;
/** Marker names of ITU-T T.81, table B.1. */
const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOF_PROGRESSIVE = 0xc2;
const SOF_LAST = 0xcf;
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const RST0 = 0xd0;
const EOI = 0xd9;
const SOS = 0xda;
const APP1 = 0xe1;
const TEM = 0x01;
const FILL = 0xff;
/** A frame header up to its number of components: length, precision, height, width, components. */
const FRAME_HEADER_BYTES = 8;
/** For each component: its id, its sampling factors, its table. */
const COMPONENT_BYTES = 3;
const SAMPLING_MAX = 4;

export function isJpeg(bytes: Uint8Array): boolean {
  return beginsWith(bytes, MAGIC);
}

/** Walks the segments up to the frame header (ITU-T T.81 §B.2), taking the orientation of the first EXIF block on its way. */
export function readJpeg(bytes: Uint8Array): HeaderReading {
  const view = viewOf(bytes);
  let orientation: Orientation | null = null;
  let at = FIRST_MARKER_AT;
  while (at + 2 <= bytes.length) {
    if (bytes[at] !== FILL) return "garbled";
    const marker = view.getUint8(at + 1);
    if (marker === FILL) {
      at += 1;
      continue;
    }
    at += 2;
    if (marker === TEM) continue;
    if (marker === SOS || (marker >= RST0 && marker <= EOI) || marker === 0) return "garbled";
    if (isFrame(marker)) return readFrame(view, at, marker, orientation ?? 1);
    if (at + 2 > bytes.length) break;
    const length = view.getUint16(at);
    if (length < 2) return "garbled";
    const segment = bytes.subarray(at + 2, at + length);
    if (marker === APP1 && orientation === null && spells(segment, 0, "Exif\0")) orientation = readOrientation(segment);
    at += length;
  }
  return "incomplete";
}

function isFrame(marker: number): boolean {
  return marker >= SOF_BASELINE && marker <= SOF_LAST && marker !== DHT && marker !== JPG && marker !== DAC;
}

/** Lossless, hierarchical and arithmetic frames are nothing that a browser or the decoder here reads. */
const READABLE_FRAMES = [SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE];

function readFrame(view: DataView, at: number, marker: number, orientation: Orientation): HeaderReading {
  if (at + FRAME_HEADER_BYTES > view.byteLength) return "incomplete";
  const bitDepth = view.getUint8(at + 2);
  const height = view.getUint16(at + 3);
  const width = view.getUint16(at + 5);
  const components = view.getUint8(at + 7);
  // A height of 0 is allowed to follow after the scan (DNL); no camera writes it.
  if (!READABLE_FRAMES.includes(marker) || width === 0 || height === 0) return "garbled";
  if (components !== 1 && components !== 3 && components !== 4) return "garbled";
  if (at + FRAME_HEADER_BYTES + components * COMPONENT_BYTES > view.byteLength) return "incomplete";
  const samplesPerPixel = readSampling(view, at + FRAME_HEADER_BYTES, components);
  if (samplesPerPixel === null) return "garbled";
  const progressive = marker === SOF_PROGRESSIVE;
  return {
    format: "jpeg",
    width,
    height,
    orientation,
    progressive,
    components,
    samplesPerPixel,
    lossless: false,
    bitDepth,
    alpha: false,
    animated: false,
  };
}

/** Samples for each pixel (ITU-T T.81 §A.1.1): 3 without subsampling, 1.5 for the usual 4:2:0. Null for impossible factors. */
function readSampling(view: DataView, at: number, components: number): number | null {
  let widest = 0;
  let tallest = 0;
  let blocks = 0;
  for (let i = 0; i < components; i++) {
    const factors = view.getUint8(at + i * COMPONENT_BYTES + 1);
    const horizontal = factors >> 4;
    const vertical = factors & 0x0f;
    if (!isFactor(horizontal) || !isFactor(vertical)) return null;
    widest = Math.max(widest, horizontal);
    tallest = Math.max(tallest, vertical);
    blocks += horizontal * vertical;
  }
  return blocks / (widest * tallest);
}

function isFactor(factor: number): boolean {
  return factor >= 1 && factor <= SAMPLING_MAX;
}
