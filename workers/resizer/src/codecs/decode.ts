import { admit, MEMORY_MAX_BYTES, predictMemory } from "../../../../shared/image-header/admission.ts";
import type { ImageHeader } from "../../../../shared/image-header/header.ts";
import { sniff } from "../../../../shared/image-header/sniff.ts";
import { workingSize } from "../../../../shared/image-header/working-size.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { profileOfJpeg, profileOfWebp } from "../colour/embedded.ts";
import { applyProfile } from "./apply-profile.ts";
import { type BadImage, damagedHeader, tooLarge } from "./bad-image.ts";
import { decodeJpeg, loadJpeg } from "./jpeg.ts";
import type { Kernel } from "./kernel.ts";
import type { Meter } from "./meter.ts";
import type { Original } from "./original.ts";
import type { Picture } from "./picture.ts";
import { decodePng } from "./png.ts";
import { startWebpDecoder } from "./webp.ts";
import { decodeWhole, freeBytes } from "./whole.ts";

/** What a file gave: its header, and its picture as stored, brought down to the working size. */
export interface Decoded {
  header: ImageHeader;
  picture: Picture;
}

export interface DecodeDeps {
  meter: Meter;
  /** Told how many bytes are to be taken before they are, it drops what can wait. Answers the kernel to work in. */
  makeRoom(memory: number): Kernel;
}

/** What a decoder works with. */
interface Desk {
  kernel: Kernel;
  meter: Meter;
}

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
  if (mimeType === "image/jpeg") return fromJpeg({ kernel: deps.makeRoom(memory), meter: deps.meter }, original);
  if (image === null) return damagedHeader();
  const desk = { kernel: deps.makeRoom(memory), meter: deps.meter };
  return image.format === "png" ? fromPng(desk, original, image) : fromWebp(desk, original);
}

/** The header is read again from the whole file: a long profile or preview may stand before the size. */
async function fromJpeg({ kernel }: Desk, original: Original): Promise<Result<Decoded, BadImage>> {
  const address = await loadJpeg(kernel, original);
  if (address === null) return tooLarge();
  const { length } = original;
  const header = readHeader(kernel.bytes(address, length));
  if (!header.ok) return header;
  const profile = profileOfJpeg(kernel.bytes(address, length));
  const decoded = decodeJpeg(kernel, { address, length }, header.value, workingSize(header.value));
  if (decoded.ok) applyProfile(kernel, decoded.value, profile);
  return withHeader(header.value, decoded);
}

async function fromPng(desk: Desk, original: Original, header: ImageHeader): Promise<Result<Decoded, BadImage>> {
  return withHeader(header, await decodePng(desk, original, header, workingSize(header)));
}

/** The header is read again from the whole file: a WebP's orientation stands behind its pixels. */
async function fromWebp({ kernel, meter }: Desk, original: Original): Promise<Result<Decoded, BadImage>> {
  const file = await readWhole(meter, original);
  const header = readHeader(file);
  if (!header.ok) return header;
  const size = workingSize(header.value);
  const decoded = await decodeWhole(kernel, meter, file, header.value, size, startWebpDecoder);
  if (decoded.ok) applyProfile(kernel, decoded.value, profileOfWebp(file));
  forget(meter, file);
  return withHeader(header.value, decoded);
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

async function readWhole(meter: Meter, original: Original): Promise<Uint8Array> {
  const file = new Uint8Array(original.length);
  meter.hold(file);
  await original.rest((part, at) => file.set(part, at));
  return file;
}

function forget(meter: Meter, file: Uint8Array): void {
  meter.drop(file);
  freeBytes(file);
}
