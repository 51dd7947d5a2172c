import startEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import encoderModule from "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm";
import { defaultOptions } from "@jsquash/jpeg/meta.js";
import { startEmscripten } from "./emscripten.ts";
import type { Encoder } from "./encoder.ts";
import { Instance } from "./instance.ts";

const QUALITY = 80;
/**
 * MozJPEG takes some 20 bytes for each pixel of a photo and 29 for noise, beside a kernel that still holds the largest
 * size. All sizes but `large` are below this.
 */
const SMALL_PIXELS_MAX = 1_100_000;
const OPAQUE = 255;
const WHITE = 255;

type EncodeOptions = typeof defaultOptions;

interface MozJpegModule {
  encode(data: Uint8ClampedArray, width: number, height: number, options: EncodeOptions): Uint8Array;
}

/** The kernel's own encoder, for sizes that are made of every photo: half of libjpeg-turbo's time for files as large. */
export const fastJpegEncoder = () =>
  new Instance<Encoder>(async () => ({
    memory: null,
    api: { encode: (kernel, picture) => kernel.encodeJpeg(picture, QUALITY) },
  }));

/**
 * MozJPEG, by @jsquash/jpeg, for sizes that are made once and kept for long: files a fifth smaller, which lose half a
 * decibel, in twenty times the time and with a memory of its own. What would need too much of that goes to the kernel.
 */
export const smallJpegEncoder = () =>
  new Instance<Encoder>(async () => {
    const { api, memory } = await startEmscripten<MozJpegModule>(startEncoder, encoderModule);
    // Left to itself it keeps twice the chroma from quality 80 on, for files a tenth larger.
    const options = { ...defaultOptions, quality: QUALITY, auto_subsample: false };
    return {
      memory,
      api: {
        encode(kernel, picture) {
          const { width, height, alpha } = picture;
          if (width * height > SMALL_PIXELS_MAX) return kernel.encodeJpeg(picture, QUALITY);
          const pixels = kernel.pixels(picture);
          const encoded = api.encode(alpha ? onWhite(pixels) : pixels, width, height, options);
          // A view of the encoder's memory, which the next picture overwrites.
          return encoded.slice();
        },
      },
    };
  });

/** JPEG knows no transparency: what shines through is paper. */
function onWhite(pixels: Uint8ClampedArray): Uint8ClampedArray {
  const flat = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    const share = (pixels[at + 3] ?? OPAQUE) / OPAQUE;
    const paper = WHITE * (1 - share);
    flat[at] = (pixels[at] ?? 0) * share + paper;
    flat[at + 1] = (pixels[at + 1] ?? 0) * share + paper;
    flat[at + 2] = (pixels[at + 2] ?? 0) * share + paper;
    flat[at + 3] = OPAQUE;
  }
  return flat;
}
