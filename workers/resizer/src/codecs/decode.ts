import { admit, MEMORY_MAX_BYTES, predictMemory } from "../../../../shared/image-header/admission.ts";
import type { ImageHeader } from "../../../../shared/image-header/header.ts";
import { sniff } from "../../../../shared/image-header/sniff.ts";
import { workingSize } from "../../../../shared/image-header/working-size.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { profileOfJpeg, profileOfWebp } from "../colour/embedded.ts";
import { applyProfile } from "./apply-profile.ts";
import { type BadImage, damagedHeader, tooLarge } from "./bad-image.ts";
import { decodeJpeg } from "./jpeg.ts";
import type { Kernel } from "./kernel.ts";
import { type LoadedFile, loadFile } from "./load.ts";
import type { Meter } from "./meter.ts";
import type { Original } from "./original.ts";
import type { Picture, Size } from "./picture.ts";
import { decodePng, type PngDesk } from "./png.ts";
import { decodeWebp } from "./webp.ts";

/** What a file gave: its header, and its picture as stored, brought down to the working size. */
export interface Decoded {
  header: ImageHeader;
  picture: Picture;
}

export interface DecodeDeps {
  meter: Meter;
  /**
   * Told how many bytes are to be taken before they are, it drops what can wait. Answers the kernel to work in; `alone`
   * asks for one that saw no other file and will see none.
   */
  makeRoom(memory: number, alone: boolean): Kernel;
}

/** What decodes a file that lies in the kernel, and what reads its colour profile. */
interface FileDecoder {
  decode(kernel: Kernel, file: LoadedFile, header: ImageHeader, size: Size): Result<Picture, BadImage>;
  profileOf(file: Uint8Array): Uint8Array | null;
}

const JPEG: FileDecoder = { decode: decodeJpeg, profileOf: profileOfJpeg };
const WEBP: FileDecoder = { decode: decodeWebp, profileOf: profileOfWebp };

/**
 * Header → admission → decode. What the header alone forbids is refused after the first 256 KiB.
 * @throws when the original's stream breaks
 */
export async function decodeOriginal(deps: DecodeDeps, original: Original): Promise<Result<Decoded, BadImage>> {
  const { image, mimeType } = sniff(await original.head());
  if (image !== null) {
    const admitted = admit(image, original.length);
    if (!admitted.ok) return admitted;
  }
  // A JPEG's size may stand so far behind that only the whole file tells it.
  const memory = image === null ? MEMORY_MAX_BYTES : predictMemory(image, original.length);
  if (mimeType === "image/jpeg") return fromFile(JPEG, deps.makeRoom(memory, false), original);
  if (image === null) return damagedHeader();
  if (image.format === "png") return fromPng({ ...deps, kernel: deps.makeRoom(memory, false) }, original, image);
  // libwebp is of 2021. Should a file still find a hole in it, no other file's pixels are within reach.
  return fromFile(WEBP, deps.makeRoom(memory, true), original);
}

/**
 * The header is read again from the whole file: a long profile may stand before a JPEG's size, and a WebP's orientation
 * stands behind its pixels.
 */
async function fromFile(decoder: FileDecoder, kernel: Kernel, original: Original): Promise<Result<Decoded, BadImage>> {
  const file = await loadFile(kernel, original);
  if (file === null) return tooLarge();
  const bytes = kernel.bytes(file.address, file.length);
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const profile = decoder.profileOf(bytes);
  const decoded = decoder.decode(kernel, file, header.value, workingSize(header.value));
  if (decoded.ok) applyProfile(kernel, decoded.value, profile);
  return withHeader(header.value, decoded);
}

async function fromPng(desk: PngDesk, original: Original, header: ImageHeader): Promise<Result<Decoded, BadImage>> {
  return withHeader(header, await decodePng(desk, original, header, workingSize(header)));
}

function withHeader(header: ImageHeader, picture: Result<Picture, BadImage>): Result<Decoded, BadImage> {
  return picture.ok ? ok({ header, picture: picture.value }) : picture;
}

function readHeader(file: Uint8Array): Result<ImageHeader, BadImage> {
  const { image } = sniff(file);
  if (image === null) return damagedHeader();
  const admitted = admit(image, file.length);
  return admitted.ok ? ok(image) : admitted;
}
