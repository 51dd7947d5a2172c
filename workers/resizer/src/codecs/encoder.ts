import type { Size } from "./picture.ts";

/** Encodes finished pictures, whatever the format. */
export interface Encoder {
  /**
   * @param pixels RGBA, left as they are; a view of another instance's memory will do, for they are copied at once
   * @throws when the encoder gives up, which it does for no picture of a variant's size
   */
  encode(pixels: Uint8ClampedArray, picture: Size & { alpha: boolean }): Uint8Array;
}
