import pngModule from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm";
import { type Bindgen, startBindgen } from "./bindgen.ts";
import type { DecodedImage, Decoder } from "./decoded.ts";
import { Instance } from "./instance.ts";

/** wasm-bindgen adds a hash to the names of its imports; this is what stands before it. */
const HAND_OVER_IMAGE = "__wbg_newwithownedu8clampedarrayandsh_";
const THROW = "__wbindgen_throw";

/** The decoder of @jsquash/png. Animated pictures give their first frame, 16 bits are rounded to 8. */
export const pngDecoder = () =>
  new Instance<Decoder>(async () => {
    let decoded: DecodedImage | null = null;
    const wasm: Bindgen = startBindgen(pngModule, {
      wbg: importsOf(pngModule, {
        /** The module hands its picture over as address, length, width and height; the answer is a handle we do not use. */
        image(address, length, width, height) {
          decoded = { width, height, data: wasm.take(address, length) };
          return 0;
        },
        fail(address, length) {
          const text = new Uint8Array(wasm.memory.buffer, address >>> 0, length);
          throw new Error(new TextDecoder().decode(text));
        },
      }),
    });
    return {
      memory: wasm.memory,
      api: {
        decode(bytes) {
          decoded = null;
          wasm.call("decode", wasm.give(bytes), bytes.length);
          return decoded;
        },
      },
    };
  });

interface Callbacks {
  image(address: number, length: number, width: number, height: number): number;
  fail(address: number, length: number): never;
}

/** Every import of the module must be given; only two of them are called by `decode`. */
function importsOf(module: WebAssembly.Module, callbacks: Callbacks): WebAssembly.ModuleImports {
  const named = WebAssembly.Module.imports(module).map(({ name }) => {
    if (name.startsWith(HAND_OVER_IMAGE)) return [name, callbacks.image];
    if (name === THROW) return [name, callbacks.fail];
    return [name, refuseCall];
  });
  return Object.fromEntries(named);
}

function refuseCall(): never {
  throw new Error("the PNG decoder called something that decoding needs not");
}
