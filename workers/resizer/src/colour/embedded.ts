import { spells, viewOf } from "../../../../shared/image-header/bytes.ts";
import { webpChunks } from "../../../../shared/image-header/webp-frame.ts";

/** Profiles of three primaries and three curves are far smaller; larger ones are tables, which are not applied. */
export const PROFILE_BYTES_MAX = 65_536;

const ICC_PREFIX = "ICC_PROFILE\0";
/** Which part of how many follows the prefix. */
const PART_BYTES = 2;
const SOI_BYTES = 2;
const APP2 = 0xe2;
const SOS = 0xda;

/** A copy of the profile in a JPEG's APP2 segment (ICC.1:2022 §B.4), or null. Profiles of several parts are too large. */
export function profileOfJpeg(file: Uint8Array): Uint8Array | null {
  const view = viewOf(file);
  let at = SOI_BYTES;
  while (at + 4 <= file.length && file[at] === 0xff && file[at + 1] !== SOS) {
    // Markers may be preceded by any number of fill bytes.
    if (file[at + 1] === 0xff) {
      at += 1;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    const content = at + 4;
    const profile = content + ICC_PREFIX.length + PART_BYTES;
    const isProfile = file[at + 1] === APP2 && spells(file, content, `${ICC_PREFIX}\x01\x01`);
    if (isProfile && profile <= end) return file.slice(profile, end);
    at = end;
  }
  return null;
}

/** A copy of the profile in a WebP's ICCP chunk (RFC 9649 §2.7.1.4), or null. */
export function profileOfWebp(file: Uint8Array): Uint8Array | null {
  for (const { name, at, length } of webpChunks(file)) {
    if (name === "ICCP") return length <= PROFILE_BYTES_MAX ? file.slice(at, at + length) : null;
  }
  return null;
}

/** The profile in the content of a PNG's iCCP chunk (3rd edition §11.3.2.3): a name, a zero, a method, then deflated. */
export async function profileOfPng(content: Uint8Array): Promise<Uint8Array | null> {
  const nameEnd = content.indexOf(0);
  if (nameEnd < 0) return null;
  try {
    return await inflated(content.slice(nameEnd + 2));
  } catch {
    return null;
  }
}

/** Null beyond what a profile may have: a few bytes can stand for any number. */
async function inflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const result = new Uint8Array(PROFILE_BYTES_MAX);
  let filled = 0;
  for await (const part of stream) {
    if (filled + part.length > PROFILE_BYTES_MAX) return null;
    result.set(part, filled);
    filled += part.length;
  }
  return result.subarray(0, filled);
}
