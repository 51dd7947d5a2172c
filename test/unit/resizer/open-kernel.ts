import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { compileWasm } from "./compile-wasm.mjs";

const FOLDER = join(import.meta.dirname, "../../../workers/resizer/kernel");

export const kernelBytes = readFileSync(join(FOLDER, "kernel.wasm"));
export const kernelSum = readFileSync(join(FOLDER, "kernel.wasm.sha256"), "utf8");
export const kernelModule = compileWasm(kernelBytes);

export interface Picture {
  pointer: number;
  width: number;
  height: number;
}

export interface Crop {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Compares whole pictures at once; the usual comparison of large arrays takes seconds. */
export function expectSamePixels(found: Uint8Array, expected: Uint8Array): void {
  expect(found.length).toBe(expected.length);
  expect(Buffer.compare(found, expected)).toBe(0);
}

function memoryOf({ memory }: WebAssembly.Exports): WebAssembly.Memory {
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new Error("the kernel exports no memory");
}

/** A fresh kernel, with the few steps that the tests repeat. */
export function openKernel() {
  const { exports } = new WebAssembly.Instance(kernelModule, {});
  const memory = memoryOf(exports);

  function call(name: string, ...args: number[]): number {
    const found = exports[name];
    if (typeof found !== "function") throw new Error(`the kernel has no ${name}`);
    return Number(found(...args) ?? 0);
  }

  function put(bytes: Uint8Array): number {
    const pointer = call("alloc", bytes.length);
    if (pointer === 0) throw new Error("the kernel is out of memory");
    new Uint8Array(memory.buffer).set(bytes, pointer);
    return pointer;
  }

  function take({ pointer, width, height }: Picture): Uint8Array {
    if (pointer === 0) throw new Error("the kernel answered no picture");
    const pixels = new Uint8Array(memory.buffer, pointer, width * height * 4).slice();
    call("release", pointer);
    return pixels;
  }

  return {
    memory,
    call,
    put,
    take,

    release(pointer: number): void {
      call("release", pointer);
    },

    /** Scales a picture of whole RGBA pixels; without a crop all of it. */
    resize(pixels: Uint8Array, from: [number, number], to: [number, number], alpha = 0, crop?: Crop): Uint8Array {
      const { x, y, width, height } = crop ?? { x: 0, y: 0, width: from[0], height: from[1] };
      const input = put(pixels);
      const pointer = call("resize", input, ...from, x, y, width, height, ...to, alpha);
      call("release", input);
      return take({ pointer, width: to[0], height: to[1] });
    },

    /** Scales the same way, row by row. */
    stream(pixels: Uint8Array, from: [number, number], to: [number, number], alpha = 0): Uint8Array {
      if (call("scaler_open", ...from, ...to, alpha) !== 1) throw new Error("the scaler does not open");
      for (let y = 0; y < from[1]; y++) {
        const row = pixels.subarray(y * from[0] * 4, (y + 1) * from[0] * 4);
        new Uint8Array(memory.buffer).set(row, call("scaler_row"));
        call("scaler_push");
      }
      return take({ pointer: call("scaler_close"), width: to[0], height: to[1] });
    },

    /** Decodes a JPEG file at numerator / 8 and scales it to the given size. */
    decode(file: Uint8Array, numerator: number, to: [number, number]): Uint8Array {
      const input = put(file);
      if (call("jpeg_open", input, file.length) !== 1) throw new Error("the kernel refuses the file");
      const pointer = call("jpeg_decode", numerator, ...to);
      call("release", input);
      return take({ pointer, width: to[0], height: to[1] });
    },
  };
}

export type Kernel = ReturnType<typeof openKernel>;
