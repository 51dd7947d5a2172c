import type { JobKind } from "../../../../shared/contracts/images.ts";
import type { VariantFormat } from "../../../../shared/contracts/variants.ts";
import type { Orientation } from "../../../../shared/image-header/header.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import type { Wait } from "../wait.ts";
import type { BadImage } from "./bad-image.ts";
import { type Decoded, decodeOriginal } from "./decode.ts";
import type { Encoder } from "./encoder.ts";
import type { Instance } from "./instance.ts";
import { fastJpegEncoder, smallJpegEncoder } from "./jpeg-encoder.ts";
import { Kernel } from "./kernel.ts";
import { Meter } from "./meter.ts";
import { Original } from "./original.ts";
import { bytesOf, type Crop, type Picture, type Size, sameSize } from "./picture.ts";
import { cut, resampler } from "./resample.ts";
import { webpEncoder } from "./webp-encoder.ts";

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
  /** The picture as a file. Changing the format costs a new encoder, so a job makes one format after the other. */
  encode(picture: Picture, format: VariantFormat): Promise<Uint8Array>;
  /** A copy of the picture's pixels: RGBA. */
  read(picture: Picture): Uint8ClampedArray;
  free(picture: Picture): void;
  /** Ends the job: whatever it still holds is freed, and what grew too large is dropped. */
  close(): void;
  /** The most memory that this job held at any one time, in bytes: see `Meter`. */
  readonly peakBytes: number;
}

/** The codecs of an isolate, from job to job. */
export interface Codecs {
  /**
   * @param kind decides which encoders are used
   * @param wait for each piece of the original
   */
  open(kind: JobKind, wait: Wait): Workbench;
}

type Encoders = Record<VariantFormat, Instance<Encoder>>;

/** What is kept between jobs. A job takes the kernel along, so that one that never ends cannot disturb the next. */
interface Kept {
  kernel: Kernel | null;
  readonly encoders: Record<JobKind, Encoders>;
}

export function createCodecs(): Codecs {
  const webp = webpEncoder();
  const eager = { webp, jpeg: fastJpegEncoder() };
  const onDemand = { webp, jpeg: smallJpegEncoder() };
  const kept: Kept = { kernel: null, encoders: { eager, on_demand: onDemand } };
  return { open: (kind, wait) => new KernelBench(kept, kind, wait) };
}

class KernelBench implements Workbench {
  readonly #kept: Kept;
  readonly #wait: Wait;
  readonly #meter = new Meter();
  readonly #resampler = resampler();
  readonly #encoders: Encoders;
  /** Those of other kinds of jobs among them: they share the memory. */
  readonly #allEncoders: Set<Instance<Encoder>>;
  #kernel: Kernel;
  /** Its kernel is for this job's file alone. */
  #isAlone = false;

  constructor(kept: Kept, kind: JobKind, wait: Wait) {
    this.#kept = kept;
    this.#wait = wait;
    this.#encoders = kept.encoders[kind];
    this.#allEncoders = new Set(Object.values(kept.encoders).flatMap((encoders) => Object.values(encoders)));
    this.#kernel = kept.kernel ?? new Kernel();
    kept.kernel = null;
    this.#meter.hold(this.#kernel.memory);
    for (const { memory } of this.#allEncoders) {
      if (memory !== null) this.#meter.hold(memory);
    }
  }

  get peakBytes(): number {
    this.#meter.sample();
    return this.#meter.peak;
  }

  async decode(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Result<Decoded, BadImage>> {
    const original = new Original(stream, bytes, this.#wait);
    try {
      const makeRoom = (memory: number, alone: boolean) => this.#makeRoom(memory, alone);
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

  async encode(picture: Picture, format: VariantFormat): Promise<Uint8Array> {
    const encoder = this.#encoders[format];
    const kernel = this.#kernel;
    // Two encoders and a kernel with the largest size are more than a job may take.
    for (const other of this.#allEncoders) {
      if (other !== encoder) this.#dropEncoder(other);
    }
    const encoded = await encoder.use((api) => api.encode(kernel, picture));
    if (encoder.memory !== null) this.#meter.hold(encoder.memory);
    this.#meter.sample(encoded.length);
    return encoded;
  }

  read(picture: Picture): Uint8ClampedArray {
    return this.#kernel.pixels(picture).slice();
  }

  free(picture: Picture): void {
    this.#kernel.release(picture.address);
  }

  close(): void {
    this.#meter.sample();
    for (const encoder of this.#allEncoders) {
      if (sizeOf(encoder.memory) > KEPT_MEMORY_MAX_BYTES) encoder.drop();
    }
    if (this.#isAlone || this.#kernel.isBroken || sizeOf(this.#kernel.memory) > KEPT_MEMORY_MAX_BYTES) return;
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
  #makeRoom(memory: number, alone: boolean): Kernel {
    const isCrowded = memory > CROWDED_BYTES;
    this.#isAlone = alone;
    if (isCrowded) for (const encoder of this.#allEncoders) this.#dropEncoder(encoder);
    if (isCrowded || alone) this.#renewKernel();
    return this.#kernel;
  }

  #renewKernel(): void {
    this.#meter.drop(this.#kernel.memory);
    this.#kernel = new Kernel();
    this.#meter.hold(this.#kernel.memory);
  }

  #dropEncoder(encoder: Instance<Encoder>): void {
    if (encoder.memory === null) return;
    this.#meter.drop(encoder.memory);
    encoder.drop();
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
