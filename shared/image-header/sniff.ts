import type { HeaderReading, ImageFormat, ImageHeader } from "./header.ts";
import { isJpeg, readJpeg } from "./jpeg.ts";
import { recognise, type UnsupportedImage } from "./magic.ts";
import { isPng, readPng } from "./png.ts";
import { isWebp, readWebp } from "./webp.ts";

/** How much of a file's beginning tells what it is: one range read. */
export const HEADER_BYTES = 65_536;

/** What a file is, by its content alone: names and declared types are never asked. */
export interface FileKind {
  mimeType: string;
  /** Null for what is no readable image, and for an image whose header cannot be read. */
  image: ImageHeader | null;
  /** Names a picture format that is known and not taken. */
  unsupportedImage: UnsupportedImage | null;
  /** The header goes on beyond the bytes given (a long profile or thumbnail before the size): sniff more of the file. */
  incomplete: boolean;
}

const READERS: Record<
  ImageFormat,
  { matches: (bytes: Uint8Array) => boolean; read: (bytes: Uint8Array) => HeaderReading }
> = {
  jpeg: { matches: isJpeg, read: readJpeg },
  png: { matches: isPng, read: readPng },
  webp: { matches: isWebp, read: readWebp },
};

const FORMATS: readonly ImageFormat[] = ["jpeg", "png", "webp"];

/**
 * Reads what a file is from its first bytes, in microseconds; never throws.
 * @param head the first `HEADER_BYTES` of the file or more, or all of a shorter file
 */
export function sniff(head: Uint8Array): FileKind {
  const format = FORMATS.find((candidate) => READERS[candidate].matches(head));
  if (format === undefined) return { ...recognise(head), image: null, incomplete: false };
  const reading = READERS[format].read(head);
  const mimeType = `image/${format}`;
  if (typeof reading === "object") return { mimeType, image: reading, unsupportedImage: null, incomplete: false };
  // A shorter file is all there is: what is missing from it will not come.
  const incomplete = reading === "incomplete" && head.length >= HEADER_BYTES;
  return { mimeType, image: null, unsupportedImage: null, incomplete };
}
