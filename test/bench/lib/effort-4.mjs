// Stands in for the start of @jsquash/webp's encoder in a bundle of the bench: everything is encoded as libvips does it
// when it is not told otherwise. So the resizer can be compared at equal effort without a setting of its own for it.

import startEncoder from "../../../node_modules/@jsquash/webp/codec/enc/webp_enc_simd.js";
import { defaultOptions } from "../../../node_modules/@jsquash/webp/meta.js";

const OPTIONS = { ...defaultOptions, quality: 80, method: 4 };

export default async function startWithEffort4(start) {
  const encoder = await startEncoder(start);
  return { encode: (pixels, width, height) => encoder.encode(pixels, width, height, OPTIONS) };
}
