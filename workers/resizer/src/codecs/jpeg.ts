import startDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import decoderModule from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
import type { DecodedImage, Decoder } from "./decoded.ts";
import { startEmscripten } from "./emscripten.ts";
import { Instance } from "./instance.ts";

/** Pixels come as stored. Turning 12 megapixels costs more than turning the finished large variant. */
const TURN_BY_EXIF = false;

interface JpegModule {
  decode(bytes: Uint8Array, turnByExif: boolean): DecodedImage | null;
}

/** The decoder of @jsquash/jpeg (mozjpeg). A file that is cut off gives what is there, the rest grey. */
export const jpegDecoder = () =>
  new Instance<Decoder>(async () => {
    const { api, memory } = await startEmscripten<JpegModule>(startDecoder, decoderModule);
    return { memory, api: { decode: (bytes) => api.decode(bytes, TURN_BY_EXIF) } };
  });
