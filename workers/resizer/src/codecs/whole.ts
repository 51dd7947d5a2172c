import type { ImageHeader } from "../../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { type BadImage, damaged, otherSize, tooLarge } from "./bad-image.ts";
import type { DecodedImage, Decoder } from "./decoded.ts";
import type { Started } from "./instance.ts";
import type { Kernel } from "./kernel.ts";
import type { Meter } from "./meter.ts";
import { type Picture, type Size, sameSize } from "./picture.ts";

/**
 * Decodes with a decoder that knows nothing but whole pictures, then brings the picture down to `size` in the kernel.
 * The decoder's instance is used for this one file. Admission keeps such files small.
 */
export async function decodeWhole(
  kernel: Kernel,
  meter: Meter,
  file: Uint8Array,
  expected: ImageHeader,
  size: Size,
  start: () => Promise<Started<Decoder>>,
): Promise<Result<Picture, BadImage>> {
  const decoded = decodeOnce(await start(), meter, file);
  if (decoded === null) return damaged();
  if (!sameSize(decoded, expected)) return otherSize();
  meter.hold(decoded.data);
  const whole = intoKernel(kernel, decoded, expected.alpha);
  meter.drop(decoded.data);
  freeBytes(decoded.data);
  if (whole === null) return tooLarge();
  if (sameSize(whole, size)) return ok(whole);
  const resized = kernel.resize(whole, null, size);
  kernel.release(whole.address);
  return ok(resized);
}

/** Null for a file that the decoder throws at or gives up on: both happen to damaged ones. */
function decodeOnce({ api, memory }: Started<Decoder>, meter: Meter, file: Uint8Array): DecodedImage | null {
  meter.hold(memory);
  try {
    const decoded = api.decode(file);
    meter.sample(decoded?.data.byteLength);
    return decoded;
  } catch {
    return null;
  } finally {
    meter.drop(memory);
  }
}

function intoKernel(kernel: Kernel, { width, height, data }: DecodedImage, alpha: boolean): Picture | null {
  const address = kernel.alloc(data.length);
  if (address === null) return null;
  const picture = { address, width, height, alpha };
  kernel.pixels(picture).set(data);
  return picture;
}

/**
 * Gives the bytes' memory back at once; nobody may read them afterwards. The garbage collector does not hurry for a
 * small object that a large buffer hangs on: left to it, a process grew by 70 MB with each photo.
 */
export function freeBytes(bytes: Uint8Array | Uint8ClampedArray): void {
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
}
