import type { Meter } from "./meter.ts";
import type { Size } from "./picture.ts";
import { type RowPainter, rowPainter } from "./png-colours.ts";
import { unfilter } from "./png-filter.ts";
import { type PngStart, SAMPLES } from "./png-header.ts";

/** Where finished rows go. */
export interface RowTarget {
  /** The sizes of the pictures that come one after the other: one, or the seven of an interlaced file. None is empty. */
  readonly passes: readonly Size[];
  /** Takes a row, which `paint` writes as RGBA, one number for each pixel. */
  take(pass: number, row: number, paint: (to: Uint32Array) => void): void;
}

/** Takes inflated bytes of any length and hands a row to its target whenever one is complete. */
export class RowSink {
  readonly #target: RowTarget;
  readonly #meter: Meter;
  readonly #paint: RowPainter;
  readonly #bitsPerPixel: number;
  /** A row's filter, then its bytes. */
  #line = new Uint8Array();
  #above = new Uint8Array();
  #filled = 0;
  #pass = 0;
  #row = 0;
  #isDamaged = false;

  constructor({ header, ...colours }: PngStart, target: RowTarget, meter: Meter) {
    this.#target = target;
    this.#meter = meter;
    this.#paint = rowPainter(header, colours);
    this.#bitsPerPixel = SAMPLES[header.colourType] * header.bitDepth;
    this.#startPass();
  }

  get isComplete(): boolean {
    return this.#pass === this.#target.passes.length;
  }

  /** @returns whether more is wanted */
  push(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length && !this.isComplete && !this.#isDamaged) {
      const part = bytes.subarray(at, at + this.#line.length - this.#filled);
      this.#line.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#line.length) this.#finishRow();
    }
    return !this.isComplete && !this.#isDamaged;
  }

  free(): void {
    this.#meter.drop(this.#line);
    this.#meter.drop(this.#above);
  }

  #startPass(): void {
    this.free();
    const pass = this.#target.passes[this.#pass];
    if (pass === undefined) return;
    const lineBytes = 1 + Math.ceil((pass.width * this.#bitsPerPixel) / 8);
    this.#line = new Uint8Array(lineBytes);
    this.#above = new Uint8Array(lineBytes);
    this.#row = 0;
    this.#meter.hold(this.#line);
    this.#meter.hold(this.#above);
  }

  #finishRow(): void {
    const row = this.#line.subarray(1);
    const step = Math.ceil(this.#bitsPerPixel / 8);
    if (!unfilter(this.#line[0] ?? 0, row, this.#above.subarray(1), step)) {
      this.#isDamaged = true;
      return;
    }
    this.#target.take(this.#pass, this.#row, (to) => this.#paint(row, to));
    this.#filled = 0;
    this.#row += 1;
    [this.#line, this.#above] = [this.#above, this.#line];
    if (this.#row < (this.#target.passes[this.#pass]?.height ?? 0)) return;
    this.#pass += 1;
    this.#startPass();
  }
}
