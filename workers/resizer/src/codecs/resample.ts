import resizeModule from "@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm";
import { startBindgen } from "./bindgen.ts";
import { Instance } from "./instance.ts";
import { BYTES_PER_PIXEL, type Crop, type Size } from "./picture.ts";

/** Its place in the module's list of filters. */
const LANCZOS3 = 3;
/** Colours under transparent pixels must not bleed into their neighbours. */
const PREMULTIPLY = 1;
/** Resampling in linear light takes three times as long; the kernel, browsers and libvips do without. */
const LINEAR_LIGHT = 0;
/** The stack room for the pair (address, length) that the module returns through memory. */
const RETURN_PAIR_BYTES = 16;

export interface Resampler {
  resample(pixels: Uint8ClampedArray, from: Size, to: Size): Uint8ClampedArray;
}

/**
 * Lanczos3 from @jsquash/resize, for small pictures with transparency: it stays in floating point from premultiplying
 * to the end. Of a photo it would take 31 bytes for each pixel. It stretches whole pictures; windows are cut before.
 */
export const resampler = () =>
  new Instance<Resampler>(async () => {
    const wasm = startBindgen(resizeModule, {});
    return {
      memory: wasm.memory,
      api: {
        resample(pixels, from, to) {
          const pair = wasm.call("__wbindgen_add_to_stack_pointer", -RETURN_PAIR_BYTES);
          const source = [wasm.give(pixels), pixels.length, from.width, from.height];
          wasm.call("resize", pair, ...source, to.width, to.height, LANCZOS3, PREMULTIPLY, LINEAR_LIGHT);
          const result = new DataView(wasm.memory.buffer, pair);
          const resampled = wasm.take(result.getUint32(0, true), result.getUint32(4, true));
          wasm.call("__wbindgen_add_to_stack_pointer", RETURN_PAIR_BYTES);
          return resampled;
        },
      },
    };
  });

/** A copy of the window's pixels. */
export function cut(pixels: Uint8ClampedArray, width: number, crop: Crop): Uint8ClampedArray {
  const rowBytes = crop.width * BYTES_PER_PIXEL;
  const window = new Uint8ClampedArray(crop.height * rowBytes);
  for (let row = 0; row < crop.height; row++) {
    const start = ((crop.top + row) * width + crop.left) * BYTES_PER_PIXEL;
    window.set(pixels.subarray(start, start + rowBytes), row * rowBytes);
  }
  return window;
}
