import type { ImageFormat, ImageHeader, Orientation } from "../../../../shared/image-header/header.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { Decoder } from "./decoded.ts";
import { halveLarge } from "./halve.ts";
import type { Instance } from "./instance.ts";
import { jpegDecoder } from "./jpeg.ts";
import { orientPixels } from "./orient.ts";
import { type Crop, cropPixels, freePixels, type Pixels } from "./pixels.ts";
import { pngDecoder } from "./png.ts";
import { resampler } from "./resample.ts";
import { webpDecoder, webpEncoder } from "./webp.ts";

/** All that the pipeline may ask of the codecs. Nothing outside this folder touches WebAssembly. */
export interface Codec {
  /** The picture as stored. Fails for bytes that cannot be read, and where they are not what the header says. */
  decode(bytes: Uint8Array, header: ImageHeader): Promise<Result<Pixels, "undecodable_image">>;
  /** Stretches the picture, or a window of it, to exactly this size. The given picture is left as it was. */
  resize(pixels: Pixels, crop: Crop | null, width: number, height: number): Promise<Pixels>;
  orient(pixels: Pixels, orientation: Orientation): Pixels;
  encodeWebp(pixels: Pixels): Promise<Uint8Array>;
  /** Frees every instance whose memory has grown too large to keep. */
  dropLargeInstances(): void;
}

export function createCodec(): Codec {
  const decoders: Record<ImageFormat, Instance<Decoder>> = {
    jpeg: jpegDecoder(),
    png: pngDecoder(),
    webp: webpDecoder(),
  };
  const resizing = resampler();
  const encoder = webpEncoder();

  return {
    async decode(bytes, header) {
      const decoder = decoders[header.format];
      // Each decoder keeps room for a whole photo, so only the one in use may stay.
      for (const other of Object.values(decoders)) {
        if (other !== decoder) other.drop();
      }
      return decodeWith(decoder, bytes, header);
    },
    async resize(pixels, crop, width, height) {
      const source = crop === null ? pixels : cropPixels(pixels, crop);
      if (source.width === width && source.height === height) return source;
      const shrunk = halveLarge(source, width, height);
      const resized = await resizing.use((api) => api.resample(shrunk, width, height));
      if (shrunk !== source) freePixels(shrunk);
      if (source !== pixels) freePixels(source);
      return resized;
    },
    orient: orientPixels,
    encodeWebp: (pixels) => encoder.use((api) => api.encode(pixels)),
    dropLargeInstances() {
      for (const instance of [...Object.values(decoders), resizing, encoder]) instance.dropIfLarge();
    },
  };
}

async function decodeWith(decoder: Instance<Decoder>, bytes: Uint8Array, header: ImageHeader) {
  const decoded = await decoder.attempt((api) => api.decode(bytes));
  if (decoded === null) return fail("undecodable_image", "The file is damaged: its pixels cannot be read.");
  const { width, height, data } = decoded;
  if (width !== header.width || height !== header.height) {
    return fail("undecodable_image", "The file is damaged: its header gives another size than its pixels have.");
  }
  return ok({ width, height, data, alpha: header.alpha });
}
