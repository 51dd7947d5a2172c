import resizeModule from "@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm";
import { startBindgen } from "./bindgen.ts";
import { Instance } from "./instance.ts";
import type { Pixels } from "./pixels.ts";

/** Its place in the module's list of filters. */
const LANCZOS3 = 3;
/**
 * Resampling in linear light takes three times as long; browsers, libvips and the photos people compare with do
 * without.
 */
const LINEAR_LIGHT = 0;
/** The stack room for the pair (address, length) that the module returns through memory. */
const RETURN_PAIR_BYTES = 16;

export interface Resampler {
  resample(pixels: Pixels, width: number, height: number): Pixels;
}

/** Lanczos3 from @jsquash/resize. It always stretches to the size asked for; windows are cut before. */
export const resampler = () =>
  new Instance<Resampler>(async () => {
    const wasm = startBindgen(resizeModule, {});
    return {
      memory: wasm.memory,
      api: {
        resample(pixels, width, height) {
          const pair = wasm.call("__wbindgen_add_to_stack_pointer", -RETURN_PAIR_BYTES);
          const source = wasm.give(pixels.data);
          // Colours under transparent pixels must not bleed into their neighbours: those are premultiplied.
          const premultiply = pixels.alpha ? 1 : 0;
          const from = [source, pixels.data.length, pixels.width, pixels.height];
          wasm.call("resize", pair, ...from, width, height, LANCZOS3, premultiply, LINEAR_LIGHT);
          const result = new DataView(wasm.memory.buffer, pair);
          const data = wasm.take(result.getUint32(0, true), result.getUint32(4, true));
          wasm.call("__wbindgen_add_to_stack_pointer", RETURN_PAIR_BYTES);
          return { width, height, data, alpha: pixels.alpha };
        },
      },
    };
  });
