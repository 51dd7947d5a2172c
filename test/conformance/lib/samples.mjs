import { deflateSync } from "node:zlib";

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const EIGHT_BITS = 8;
const TRUECOLOUR = 2;
const CRC_POLYNOMIAL = 0xedb88320;

/** A photo wide enough that small and thumbnail are made smaller, medium and large are not enlarged. */
export const PHOTO = { name: "photo.png", type: "image/png", width: 640, height: 480, bytes: png(640, 480) };

/** A JPEG of 408 bytes, a colour gradient: no size but the thumbnail is smaller than it. */
export const TINY_PHOTO = {
  name: "photo.jpg",
  type: "image/jpeg",
  width: 64,
  height: 48,
  bytes: Buffer.from(
    `/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjsh
    ITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAwAEADASIAAhEBAxEB/8QAFwABAQEB
    AAAAAAAAAAAAAAAAAwIFBv/EABYQAAMAAAAAAAAAAAAAAAAAAAACA//EABgBAQEBAQEAAAAAAAAAAAAAAAMEAgYF/8QAFhEBAQEAAAAAAAAAAAAA
    AAAAAgAB/9oADAMBAAIRAxEAPwDl1mIsxlmIsz0tcYcKzEWYqzEWYeusDiWYizFWYizC11gcKzEWYyzEWYeusDs1ZiLMZZlrM3ruODiWYizFWYizC1
    1gcSzLWYyzEWYeusDhWYizGWZazD11odnLMRZirMRZm9dxocSzLWYyzEWYWusDhWYizGWYizD11ocKzEWYqzEWYeusDv/Z`,
    "base64",
  ),
};

/** The document of S4's upload example: one empty page. */
export const DOCUMENT = {
  name: "file.pdf",
  type: "application/pdf",
  bytes: Buffer.from(
    [
      "%PDF-1.4",
      "1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj",
      "2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj",
      "3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >> endobj",
      "trailer << /Root 1 0 R >>",
      "%%EOF\n",
    ].join("\n"),
  ),
};

/** A colour gradient as an 8-bit RGB PNG (https://www.w3.org/TR/png-3/). */
function png(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = EIGHT_BITS;
  header[9] = TRUECOLOUR;
  const pixels = deflateSync(gradient(width, height));
  return Buffer.concat([PNG_SIGNATURE, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

/** Rows of RGB pixels, each behind its filter byte 0 (no filter). */
function gradient(width, height) {
  const rows = Buffer.alloc((1 + width * 3) * height);
  let at = 0;
  for (let y = 0; y < height; y++) {
    rows[at++] = 0;
    for (let x = 0; x < width; x++) {
      rows[at++] = (x * 255) / width;
      rows[at++] = (y * 255) / height;
      rows[at++] = ((x + y) * 255) / (width + height);
    }
  }
  return rows;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? CRC_POLYNOMIAL : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
