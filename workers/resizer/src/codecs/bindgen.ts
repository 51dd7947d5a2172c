import { memoryOf } from "./instance.ts";

/**
 * The plain functions of a module that Rust's wasm-bindgen made. Its own JavaScript keeps one instance for ever, so a
 * broken or overgrown one could never be replaced; these few lines stand in for it.
 */
export interface Bindgen {
  memory: WebAssembly.Memory;
  call(name: string, ...numbers: number[]): number;
  /** Copies bytes into the module's memory, which the called function then owns. @returns their address */
  give(bytes: Uint8Array | Uint8ClampedArray): number;
  /** Copies bytes out of the module's memory and frees them there. */
  take(address: number, length: number): Uint8ClampedArray;
}

/** Alignment of byte arrays, as wasm-bindgen's allocator wants it. */
const BYTE_ALIGNMENT = 1;

export function startBindgen(module: WebAssembly.Module, imports: WebAssembly.Imports): Bindgen {
  const { exports } = new WebAssembly.Instance(module, imports);
  const memory = memoryOf(exports);
  const call = (name: string, ...numbers: number[]): number => {
    const exported = exports[name];
    if (typeof exported !== "function") throw new Error(`the codec has no function ${name}`);
    return Number(exported(...numbers));
  };
  return {
    memory,
    call,
    give(bytes) {
      const address = call("__wbindgen_malloc", bytes.length, BYTE_ALIGNMENT) >>> 0;
      new Uint8Array(memory.buffer).set(bytes, address);
      return address;
    },
    take(address, length) {
      const copy = new Uint8ClampedArray(memory.buffer, address >>> 0, length).slice();
      call("__wbindgen_free", address, length, BYTE_ALIGNMENT);
      return copy;
    },
  };
}
