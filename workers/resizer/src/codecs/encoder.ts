import type { Kernel } from "./kernel.ts";
import type { Picture } from "./picture.ts";

/** Encodes finished pictures, whatever the format. */
export interface Encoder {
  /**
   * @param kernel in whose memory the picture lies; the picture stays as it is
   * @returns a file that holds no view of any instance's memory
   * @throws when the encoder gives up, which it does for no picture of a variant's size
   */
  encode(kernel: Kernel, picture: Picture): Uint8Array;
}
