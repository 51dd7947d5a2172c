import type { VariantFormat } from "../../../../shared/contracts/variants.ts";
import type { Orientation } from "../../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { BadImage } from "./bad-image.ts";
import { type Decoded, decodeOriginal } from "./decode.ts";
import type { Encoder } from "./encoder.ts";
import type { Instance } from "./instance.ts";
import { fastJpegEncoder } from "./jpeg-encoder.ts";
import { Kernel } from "./kernel.ts";
import { Meter } from "./meter.ts";
import { Original } from "./original.ts";
import { bytesOf, type Crop, type Picture, type Size, sameSize } from "./picture.ts";
import { cut, resampler } from "./resample.ts";
import { webpEncoder } from "./webp.ts";

/** WebAssembly memory never shrinks: an instance that grew beyond this is dropped after its job. */
const KEPT_MEMORY_MAX_BYTES = 48 * 1024 * 1024;

/** What a kernel may hold beside the encoder, which takes about 30 MB for a usual photo. */
const KERNEL_BESIDE_ENCODER_BYTES = 24 * 1024 * 1024;

/** Pictures predicted to take more than this leave no place for the encoder while they are decoded. */
const CROWDED_BYTES = 36_000_000;

/** Up to here the float resampler's memory does not matter. */
const SMALL_PIXELS = 500_000;

/** What the pipeline may ask of the codecs in one job. Nothing outside this folder touches WebAssembly. */
export interface Workbench {
  /**
   * The picture as stored, brought down to the working size while it is decoded. Fails for files that cannot be read,
   * that need too much memory, and whose pixels are not what their header says.
   * @throws when the stream breaks
   */
  decode(original: ReadableStream<Uint8Array>, bytes: number): Promise<Result<Decoded, BadImage>>;
  /** Stretches the picture, or a window of it, to exactly this size. The given picture stays; it is the answer if it fits. */
  resize(picture: Picture, crop: Crop | null, size: Size): Promise<Picture>;
  /** Stands the picture upright. The given picture is gone, or is the answer. */
  orient(picture: Picture, orientation: Orientation): Picture;
  /** The picture as a file of the job's format. */
  encode(picture: Picture): Promise<Uint8Array>;
  free(picture: Picture): void;
  /** Ends the job: whatever it still holds is freed, and what grew too large is dropped. */
  close(): void;
  /** The most memory that this job held at any one time, in bytes: see `Meter`. */
  readonly peakBytes: number;
}

/** The codecs of an isolate, from job to job. */
export interface Codecs {
  /** @param format what the job's sizes are to be encoded as */
  open(format: VariantFormat): Workbench;
}

/** What is kept between jobs. A job takes the kernel along, so that one that never ends cannot disturb the next. */
interface Kept {
  kernel: Kernel | null;
  readonly encoders: Record<VariantFormat, Instance<Encoder>>;
}

export function createCodecs(): Codecs {
  const kept: Kept = { kernel: null, encoders: { webp: webpEncoder(), jpeg: fastJpegEncoder() } };
  return { open: (format) => new KernelBench(kept, format) };
}

class KernelBench implements Workbench {
  readonly #kept: Kept;
  readonly #meter = new Meter();
  readonly #resampler = resampler();
  readonly #encoder: Instance<Encoder>;
  #kernel: Kernel;

  constructor(kept: Kept, format: VariantFormat) {
    this.#kept = kept;
    this.#encoder = kept.encoders[format];
    this.#kernel = kept.kernel ?? new Kernel();
    kept.kernel = null;
    this.#meter.hold(this.#kernel.memory);
    if (this.#encoder.memory !== null) this.#meter.hold(this.#encoder.memory);
  }

  get peakBytes(): number {
    this.#meter.sample();
    return this.#meter.peak;
  }

  async decode(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Result<Decoded, BadImage>> {
    const original = new Original(stream, bytes);
    try {
      const makeRoom = (memory: number) => this.#makeRoom(memory);
      const decoded = await decodeOriginal({ meter: this.#meter, makeRoom }, original);
      if (!decoded.ok) return decoded;
      const { header, picture } = decoded.value;
      return ok({ header, picture: this.#moveOut(picture) });
    } finally {
      original.discard();
    }
  }

  async resize(picture: Picture, crop: Crop | null, size: Size): Promise<Picture> {
    if (crop === null && sameSize(picture, size)) return picture;
    const isSmall = picture.width * picture.height <= SMALL_PIXELS;
    return picture.alpha && isSmall ? this.#resample(picture, crop, size) : this.#kernel.resize(picture, crop, size);
  }

  orient(picture: Picture, orientation: Orientation): Picture {
    return this.#kernel.orient(picture, orientation);
  }

  async encode(picture: Picture): Promise<Uint8Array> {
    const encoder = this.#encoder;
    const kernel = this.#kernel;
    const encoded = await encoder.use((api) => api.encode(kernel, picture));
    if (encoder.memory !== null) this.#meter.hold(encoder.memory);
    this.#meter.sample(encoded.length);
    return encoded;
  }

  free(picture: Picture): void {
    this.#kernel.release(picture.address);
  }

  close(): void {
    this.#meter.sample();
    const encoder = this.#encoder;
    if (sizeOf(encoder.memory) > KEPT_MEMORY_MAX_BYTES) encoder.drop();
    if (this.#kernel.isBroken || sizeOf(this.#kernel.memory) > KEPT_MEMORY_MAX_BYTES) return;
    this.#kernel.releaseAll();
    this.#kept.kernel = this.#kernel;
  }

  async #resample(picture: Picture, crop: Crop | null, size: Size): Promise<Picture> {
    const kernel = this.#kernel;
    const resized = await this.#resampler.use((api) => {
      const pixels = kernel.pixels(picture);
      const window = crop === null ? pixels : cut(pixels, picture.width, crop);
      return api.resample(window, crop ?? picture, size);
    });
    if (this.#resampler.memory !== null) this.#meter.hold(this.#resampler.memory);
    const address = kernel.alloc(resized.length);
    if (address === null) throw new Error(`the kernel has no memory for ${size.width} × ${size.height} pixels`);
    const placed = { address, width: size.width, height: size.height, alpha: true };
    kernel.pixels(placed).set(resized);
    return placed;
  }

  /** For a large picture the encoder goes until it is needed, and so does a kernel that earlier pictures made large. */
  #makeRoom(memory: number): Kernel {
    if (memory <= CROWDED_BYTES) return this.#kernel;
    const encoder = this.#encoder;
    if (encoder.memory !== null) this.#meter.drop(encoder.memory);
    encoder.drop();
    this.#meter.drop(this.#kernel.memory);
    this.#kernel = new Kernel();
    this.#meter.hold(this.#kernel.memory);
    return this.#kernel;
  }

  /**
   * A large file leaves a kernel behind that has no room beside the encoder, and never shrinks: its picture moves to a
   * fresh one. A picture that is large itself stays, for it is long and thin and needs little of the encoder.
   */
  #moveOut(picture: Picture): Picture {
    const full = this.#kernel;
    if (sizeOf(full.memory) <= KERNEL_BESIDE_ENCODER_BYTES) return picture;
    if (bytesOf(picture) > KERNEL_BESIDE_ENCODER_BYTES) return picture;
    const kernel = new Kernel();
    const address = kernel.alloc(bytesOf(picture));
    if (address === null) throw new Error("a fresh kernel has no memory for a picture of the working size");
    const moved = { ...picture, address };
    kernel.pixels(moved).set(full.pixels(picture));
    this.#meter.hold(kernel.memory);
    this.#meter.drop(full.memory);
    this.#kernel = kernel;
    return moved;
  }
}

function sizeOf(memory: WebAssembly.Memory | null): number {
  return memory?.buffer.byteLength ?? 0;
}
