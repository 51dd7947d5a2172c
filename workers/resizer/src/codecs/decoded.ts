/** A picture as a decoder gives it: RGBA, 8 bits per channel. */
export interface DecodedImage {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** Decoders throw or answer null for bytes they cannot read. */
export interface Decoder {
  decode(bytes: Uint8Array): DecodedImage | null;
}
