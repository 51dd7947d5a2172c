import startEncoder from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import encoderModule from "@jsquash/webp/codec/enc/webp_enc_simd.wasm";
import { defaultOptions } from "@jsquash/webp/meta.js";
import { startEmscripten } from "./emscripten.ts";
import type { Encoder } from "./encoder.ts";
import { Instance } from "./instance.ts";

type EncodeOptions = typeof defaultOptions;

/**
 * Above this a picture is encoded the fast way: `large` and `medium`, which have 19 of 20 pixels of a usual photo. With
 * 1,000,000, `medium` would be thorough too: all sizes together 1.5 % smaller for a sixth more time. Pixels.
 */
const FAST_ABOVE_PIXELS = 400_000;

/** What libvips makes, too, when it is not told otherwise: libwebp's effort is 4 of 6. */
const THOROUGH: EncodeOptions = { ...defaultOptions, quality: 80, method: 4 };

/**
 * Effort 2 takes less than half the time of effort 4, for it does not weigh bits against distortion. What that costs is
 * bought back: the quality is finer by a step, fewer bits go from busy parts to smooth ones (`sns_strength`; usual is
 * 50), and block edges are smoothed more when the file is shown (`filter_strength`; usual is 60), which takes no bytes.
 * Against effort 4, eight painted photos come out 5 % larger with an SSIM of `large` 0.0024 lower, and four real ones 11 %
 * larger with an SSIM 0.0005 higher.
 * Ruled out: other numbers of segments, the simple filter, `preprocessing` and `use_sharp_yuv` buy nothing, effort 3 is
 * as slow as 4, `partition_limit` makes effort 4 as fast and photos of phones 12 % larger, and `autofilter` is good but
 * takes ten times as long.
 */
const FAST: EncodeOptions = {
  ...defaultOptions,
  quality: 81.1,
  method: 2,
  sns_strength: 35,
  filter_strength: 100,
};

interface WebpEncoderModule {
  encode(data: Uint8ClampedArray, width: number, height: number, options: EncodeOptions): Uint8Array | null;
}

/** The SIMD encoder of @jsquash/webp. */
export const webpEncoder = () =>
  new Instance<Encoder>(async () => {
    const { api, memory } = await startEmscripten<WebpEncoderModule>(startEncoder, encoderModule);
    return {
      memory,
      api: {
        encode(kernel, picture) {
          const { width, height } = picture;
          const options = width * height > FAST_ABOVE_PIXELS ? FAST : THOROUGH;
          const encoded = api.encode(kernel.pixels(picture), width, height, options);
          if (encoded === null) throw new Error(`the WebP encoder refused ${width} × ${height} pixels`);
          return encoded;
        },
      },
    };
  });
