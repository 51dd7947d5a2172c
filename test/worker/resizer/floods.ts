// Files made by hand that claim, hide or repeat more than they should.

const SOI_BYTES = 2;
const SEGMENT_BYTES_MAX = 65_533;
const SOS = 0xda;

export function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Where a JPEG's frame header (SOF0, SOF1 or SOF2) begins: its marker. */
function frameHeader(jpeg: Uint8Array): number {
  let at = SOI_BYTES;
  while (jpeg[at] === 0xff) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) return at;
    at += 2 + segmentLength(jpeg, at);
  }
  throw new Error("the JPEG has no frame header");
}

/** Length of the segment at this marker, without the marker. */
function segmentLength(jpeg: Uint8Array, marker: number): number {
  return ((jpeg[marker + 2] ?? 0) << 8) | (jpeg[marker + 3] ?? 0);
}

/** A JPEG that claims another size than it has. */
export function jpegOfSize(jpeg: Uint8Array, width: number, height: number): Uint8Array {
  const liar = jpeg.slice();
  const view = new DataView(liar.buffer);
  const frame = frameHeader(liar);
  view.setUint16(frame + 5, height);
  view.setUint16(frame + 7, width);
  return liar;
}

/** A PNG that claims another size than it has. The checksum of its header does not fit any more either. */
export function pngOfSize(png: Uint8Array, width: number, height: number): Uint8Array {
  const liar = png.slice();
  const view = new DataView(liar.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return liar;
}

/** A JPEG segment: marker, length, payload. */
export function segment(marker: number, payload: Uint8Array): Uint8Array {
  const length = payload.length + 2;
  return joined(new Uint8Array([0xff, marker, length >> 8, length & 0xff]), payload);
}

/** A JPEG with further segments right at its beginning. */
export function withSegments(jpeg: Uint8Array, ...segments: Uint8Array[]): Uint8Array {
  return joined(jpeg.subarray(0, SOI_BYTES), ...segments, jpeg.subarray(SOI_BYTES));
}

/** As phones write gain maps, depth maps and whole further pictures before the picture: full APP2 segments. */
export function hugeSegments(count: number): Uint8Array[] {
  const payload = new Uint8Array(SEGMENT_BYTES_MAX).fill(0xd8);
  return Array.from({ length: count }, () => segment(0xe2, payload));
}

/** An EXIF segment whose directory names itself as the next one and as its own sub-directory. */
export function exifLoop(): Uint8Array {
  const exif = new Uint8Array(40);
  const view = new DataView(exif.buffer);
  exif.set(new TextEncoder().encode("Exif\0\0MM"));
  const tiff = 6;
  const directory = 8;
  view.setUint16(tiff + 2, 42);
  view.setUint32(tiff + 4, directory);
  view.setUint16(tiff + directory, 1);
  // Entry 0x8769, the sub-directory of EXIF: type 4 (32 bits), one value, which is where it stands itself.
  view.setUint16(tiff + directory + 2, 0x8769);
  view.setUint16(tiff + directory + 4, 4);
  view.setUint32(tiff + directory + 6, 1);
  view.setUint32(tiff + directory + 10, directory);
  view.setUint32(tiff + directory + 14, directory);
  return segment(0xe1, exif);
}

/** A progressive JPEG whose first scan stands in it many times over: each one makes the decoder go over all of it. */
export function repeatedScan(jpeg: Uint8Array, times: number): Uint8Array {
  const first = markerFrom(jpeg, SOI_BYTES, (marker) => marker === SOS);
  // Within a scan 0xff is followed by a zero or by a restart marker.
  const end = markerFrom(jpeg, first + 2, (marker) => marker !== 0 && (marker < 0xd0 || marker > 0xd7));
  const scan = jpeg.subarray(first, end);
  return joined(jpeg.subarray(0, end), ...Array.from({ length: times }, () => scan), jpeg.subarray(end));
}

function markerFrom(jpeg: Uint8Array, start: number, isWanted: (marker: number) => boolean): number {
  for (let at = start; at < jpeg.length - 1; at++) {
    if (jpeg[at] === 0xff && isWanted(jpeg[at + 1] ?? 0)) return at;
  }
  throw new Error("the JPEG has no such marker");
}

/**
 * A grey PNG of 1 bit per pixel, all black, that inflates to more or less than its size says.
 * @param inflatedBytes how much its compressed data inflates to; what the picture needs without it
 */
export async function blackPng(width: number, height: number, inflatedBytes?: number): Promise<Uint8Array> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 1;
  const rowBytes = 1 + Math.ceil(width / 8);
  const data = await deflatedZeros(inflatedBytes ?? rowBytes * height);
  const signature = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return joined(signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array()));
}

async function deflatedZeros(count: number): Promise<Uint8Array> {
  const piece = new Uint8Array(1_000_000);
  let left = count;
  const zeros = new ReadableStream<Uint8Array>({
    pull(controller) {
      const take = Math.min(left, piece.length);
      left -= take;
      if (take > 0) controller.enqueue(piece.slice(0, take));
      if (left === 0) controller.close();
    },
  });
  const deflated = zeros.pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(deflated).arrayBuffer());
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length);
  const body = joined(new TextEncoder().encode(type), data);
  const check = new Uint8Array(4);
  new DataView(check.buffer).setUint32(0, crc32(body));
  return joined(length, body, check);
}

/** ISO 3309, as PNG wants it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
