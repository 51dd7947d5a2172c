import type { Orientation } from "../../../../shared/image-header/header.ts";
import kernelModule from "../../kernel/kernel.wasm";
import { memoryOf } from "./instance.ts";
import { bytesOf, type Crop, type Picture, type Size } from "./picture.ts";

/**
 * One instance of the product's own pixel kernel (workers/resizer/kernel): JPEG both ways, WebP in, scaler, orientation.
 * Whatever it allocated is known here, so that an unfinished job leaves nothing behind.
 */
export class Kernel {
  readonly memory: WebAssembly.Memory;
  readonly #exports: WebAssembly.Exports;
  readonly #allocated = new Set<number>();
  #isBroken = false;

  constructor() {
    this.#exports = new WebAssembly.Instance(kernelModule).exports;
    this.memory = memoryOf(this.#exports);
  }

  /** After a trap its memory may be in any state: no call makes sense any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /**
   * Calls an exported function. Any call may let the memory grow, after which older views of it are empty.
   * @throws when the kernel traps; the instance is broken from then on
   */
  call(name: string, ...numbers: number[]): number {
    const exported = this.#exports[name];
    if (typeof exported !== "function") throw new Error(`the kernel has no function ${name}`);
    try {
      return Number(exported(...numbers));
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }

  /** Calls a function that answers the address of new memory, or null when there is none left. */
  callForMemory(name: string, ...numbers: number[]): number | null {
    const address = this.call(name, ...numbers);
    if (address === 0) return null;
    this.#allocated.add(address);
    return address;
  }

  alloc(bytes: number): number | null {
    return this.callForMemory("alloc", bytes);
  }

  /** Frees what `callForMemory` gave. Nothing happens for what is free already. */
  release(address: number): void {
    if (this.#allocated.delete(address) && !this.#isBroken) this.call("release", address);
  }

  releaseAll(): void {
    for (const address of this.#allocated) this.release(address);
  }

  /** A view that holds until the next call. */
  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(bufferOf(this.memory), address, length);
  }

  /** The pixels of a picture, one number each; the view holds until the next call. */
  pixels(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
    return new Uint8ClampedArray(bufferOf(this.memory), picture.address, bytesOf(picture));
  }

  /**
   * A window of the picture, stretched to exactly this size. The given picture stays.
   * @throws when there is no memory for it: admission should have refused the original
   */
  resize(picture: Picture, crop: Crop | null, size: Size): Picture {
    const { address, width, height, alpha } = picture;
    const window = crop ?? { left: 0, top: 0, width, height };
    const from = [address, width, height, window.left, window.top, window.width, window.height];
    const resized = this.callForMemory("resize", ...from, size.width, size.height, alpha ? 1 : 0);
    if (resized === null) throw new Error(`the kernel has no memory for ${size.width} × ${size.height} pixels`);
    return { address: resized, width: size.width, height: size.height, alpha };
  }

  /**
   * Turns and mirrors a picture so that it stands upright. The given picture is gone.
   * @throws when there is no memory for it: admission should have refused the original
   */
  orient(picture: Picture, orientation: Orientation): Picture {
    if (orientation === 1) return picture;
    const { address, width, height, alpha } = picture;
    const turned = this.callForMemory("orient", address, width, height, orientation);
    if (turned === null) throw new Error(`the kernel has no memory to turn ${width} × ${height} pixels`);
    if (turned !== address) this.#allocated.delete(address);
    return orientation >= 5
      ? { address: turned, width: height, height: width, alpha }
      : { address: turned, width, height, alpha };
  }

  /**
   * The picture as a baseline JPEG at 4:2:0, what is transparent on white, with no metadata beyond JFIF's own. The given
   * picture stays.
   * @param quality 1 to 100, as libjpeg counts
   * @throws when there is no memory for it: admission should have refused the original
   */
  encodeJpeg({ address, width, height, alpha }: Picture, quality: number): Uint8Array {
    const file = this.callForMemory("jpeg_encode", address, width, height, alpha ? 1 : 0, quality);
    if (file === null) throw new Error(`the kernel has no memory for a JPEG of ${width} × ${height} pixels`);
    const encoded = this.bytes(file, this.call("jpeg_encoded_bytes")).slice();
    this.release(file);
    return encoded;
  }
}

/** The kernel's memory is not shared between threads; its type allows for that. */
function bufferOf(memory: WebAssembly.Memory): ArrayBuffer {
  const { buffer } = memory;
  if (!(buffer instanceof ArrayBuffer)) throw new Error("the kernel's memory is shared");
  return buffer;
}
