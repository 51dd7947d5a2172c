import { beginsWith, fourCharacters, spells, viewOf } from "./bytes.ts";

/** Pictures that people send and the product cannot read. */
export type UnsupportedImage = "gif" | "avif" | "heic";

interface Recognised {
  mimeType: string;
  unsupportedImage: UnsupportedImage | null;
}

export const UNKNOWN_TYPE = "application/octet-stream";

/** Recognises by content what is not read further. Text is the last guess, and never HTML, SVG or a script. */
export function recognise(bytes: Uint8Array): Recognised {
  if (spells(bytes, 0, "GIF87a") || spells(bytes, 0, "GIF89a")) return picture("image/gif", "gif");
  if (spells(bytes, 4, "ftyp")) return recogniseIsoMedia(bytes);
  if (spells(bytes, 0, "%PDF-")) return file("application/pdf");
  if (beginsWith(bytes, [0x50, 0x4b, 0x03, 0x04]) || beginsWith(bytes, [0x50, 0x4b, 0x05, 0x06])) {
    return file("application/zip");
  }
  return file(isPlainText(bytes) ? "text/plain" : UNKNOWN_TYPE);
}

function file(mimeType: string): Recognised {
  return { mimeType, unsupportedImage: null };
}

function picture(mimeType: string, unsupportedImage: UnsupportedImage): Recognised {
  return { mimeType, unsupportedImage };
}

const AVIF_BRANDS = ["avif", "avis"];
const HEIC_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"];
/** "Some picture of the HEIF family": which one, the compatible brands say. */
const HEIF_BRANDS = ["mif1", "msf1"];
const MAJOR_BRAND_AT = 8;
const COMPATIBLE_BRANDS_AT = 16;
const BRANDS_MAX = 32;

/** ISO base media (ISO/IEC 14496-12 §4.3): the brands in the first box tell photo from film. */
function recogniseIsoMedia(bytes: Uint8Array): Recognised {
  const brands = brandsOf(bytes);
  if (brands.some((brand) => AVIF_BRANDS.includes(brand))) return picture("image/avif", "avif");
  if (brands.some((brand) => HEIC_BRANDS.includes(brand) || HEIF_BRANDS.includes(brand))) {
    return picture("image/heic", "heic");
  }
  return file(brands[0] === "qt  " ? "video/quicktime" : "video/mp4");
}

function brandsOf(bytes: Uint8Array): string[] {
  const boxEnd = Math.min(viewOf(bytes).getUint32(0), bytes.length);
  const brands = [fourCharacters(bytes, MAJOR_BRAND_AT)];
  for (let at = COMPATIBLE_BRANDS_AT; at + 4 <= boxEnd && brands.length < BRANDS_MAX; at += 4) {
    brands.push(fourCharacters(bytes, at));
  }
  return brands;
}

/** Tab, line feed, form feed, carriage return. */
const TEXT_CONTROLS = [0x09, 0x0a, 0x0c, 0x0d];
const FIRST_PRINTABLE = 0x20;

/** UTF-8 without control characters. The last character may be cut: the bytes are the beginning of a file. */
function isPlainText(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  if (bytes.some((byte) => byte < FIRST_PRINTABLE && !TEXT_CONTROLS.includes(byte))) return false;
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
