import { readProfile } from "../colour/profile.ts";
import { toSrgb } from "../colour/to-srgb.ts";
import type { Kernel } from "./kernel.ts";
import type { Picture } from "./picture.ts";

/**
 * Turns a picture's colours into sRGB, as the profile that came with it asks. It happens once, at the working size, so
 * that variants need no profile and look the same everywhere.
 */
export function applyProfile(kernel: Kernel, picture: Picture, bytes: Uint8Array | null): void {
  const profile = bytes === null ? null : readProfile(bytes);
  if (profile !== null) toSrgb(kernel.pixels(picture), profile);
}
