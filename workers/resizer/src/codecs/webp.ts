import startDecoder from "@jsquash/webp/codec/dec/webp_dec.js";
import decoderModule from "@jsquash/webp/codec/dec/webp_dec.wasm";
import startEncoder from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import encoderModule from "@jsquash/webp/codec/enc/webp_enc_simd.wasm";
import { defaultOptions } from "@jsquash/webp/meta.js";
import type { Decoder } from "./decoded.ts";
import { startEmscripten } from "./emscripten.ts";
import type { Encoder } from "./encoder.ts";
import { Instance, type Started } from "./instance.ts";

const QUALITY = 80;
/**
 * libwebp's effort, 0 to 6. Against the usual 4, effort 2 takes less than half the time for files 5 % larger, and
 * encoding is most of a job.
 */
const EFFORT = 2;

type EncodeOptions = typeof defaultOptions;

interface WebpEncoderModule {
  encode(data: Uint8ClampedArray, width: number, height: number, options: EncodeOptions): Uint8Array | null;
}

/**
 * Starts the decoder of @jsquash/webp: still pictures only, decoded whole. Its libwebp is of 2020 and knows nothing of
 * CVE-2023-4863, so an instance never sees a second file: whatever a hostile one overwrites is thrown away with it.
 */
export function startWebpDecoder(): Promise<Started<Decoder>> {
  return startEmscripten<Decoder>(startDecoder, decoderModule);
}

/** The SIMD encoder of @jsquash/webp. */
export const webpEncoder = () =>
  new Instance<Encoder>(async () => {
    const { api, memory } = await startEmscripten<WebpEncoderModule>(startEncoder, encoderModule);
    const options = { ...defaultOptions, quality: QUALITY, method: EFFORT };
    return {
      memory,
      api: {
        encode(kernel, picture) {
          const { width, height } = picture;
          const encoded = api.encode(kernel.pixels(picture), width, height, options);
          if (encoded === null) throw new Error(`the WebP encoder refused ${width} × ${height} pixels`);
          return encoded;
        },
      },
    };
  });
