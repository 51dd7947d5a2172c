import { drain } from "../../../../shared/http/drain.ts";
import type { Objects, PartedObject } from "../storage/objects.ts";
import { isReceived, type SessionRecord, type SessionStore } from "./session-record.ts";

/** Parts of this size go to the bucket one after the other. R2 wants 5 MiB at least, and no more is held in memory. */
export const PART_BYTES = 5 * 1024 * 1024;

/** At most so much is read in one step; the runtime's own are of 4 KiB. Whatever is there is taken at once. */
const READ_BYTES = 128 * 1024;

/** What an upload is by content is found out at its end. */
export const UNKNOWN_TYPE = "application/octet-stream";

/**
 * How a request's bytes ended: all came, the connection broke, a newer request took the upload over, or there were more
 * than the upload may have.
 */
export type Ending = "came" | "broke" | "taken over" | "too many";

interface WriterDeps {
  store: SessionStore;
  objects: Pick<Objects, "begin" | "resume">;
  /** Called in the turn in which the last byte is kept. */
  onReceived(): void;
}

/**
 * Takes the bytes of one request into an upload. Whatever came is kept when they end, however they end: full parts in
 * the bucket, the rest in the object's storage.
 */
export class PartWriter {
  readonly #deps: WriterDeps;
  readonly #record: SessionRecord;
  readonly #limit: number;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #filled: number;
  #parted: PartedObject | null;
  #reader: ReadableStreamBYOBReader | null = null;
  #isStopped = false;

  /** @param maxBytes how many bytes the whole upload may have */
  constructor(deps: WriterDeps, record: SessionRecord, maxBytes: number) {
    this.#deps = deps;
    this.#record = record;
    this.#limit = record.length ?? maxBytes;
    this.#buffer = new Uint8Array(bufferBytes(record, maxBytes));
    this.#buffer.set(deps.store.loadTail(record));
    this.#filled = record.tailBytes;
    const { key, multipartId, parts } = record;
    this.#parted = multipartId === null ? null : deps.objects.resume(key, multipartId, parts);
  }

  /** Bytes that came, kept or not yet. */
  get offset(): number {
    return this.#record.parts.length * PART_BYTES + this.#filled;
  }

  /** @param onProgress called with each chunk */
  async take(body: ReadableStream<Uint8Array>, onProgress: () => void): Promise<Ending> {
    const reader = body.getReader({ mode: "byob" });
    this.#reader = reader;
    let buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const step = await readStep(reader, buffer);
      if (this.#isStopped) return "taken over";
      if (step === null || step.done) {
        this.#save();
        return step === null ? "broke" : "came";
      }
      onProgress();
      if (this.offset + step.value.length > this.#limit) {
        reader.releaseLock();
        await drain(body[Symbol.asyncIterator](), this.#limit);
        return "too many";
      }
      await this.#add(step.value);
      if (this.#isStopped) return "taken over";
      buffer = new Uint8Array(step.value.buffer);
    }
  }

  /**
   * Keeps what came and takes nothing more: a newer request goes on from here, without waiting for the older one, whose
   * connection may be dead without anybody having noticed.
   */
  stop(): void {
    this.#isStopped = true;
    this.#save();
    void this.#reader?.cancel().catch(() => undefined); // Its stream may have failed; nobody reads it any more.
  }

  async #add(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      // Only with more bytes at hand, so that the last part, which may have any length, is known as such.
      if (this.#filled === PART_BYTES) await this.#storePart();
      if (this.#isStopped) return;
      const fitting = rest.subarray(0, this.#buffer.length - this.#filled);
      this.#buffer.set(fitting, this.#filled);
      this.#filled += fitting.length;
      rest = rest.subarray(fitting.length);
    }
  }

  async #storePart(): Promise<void> {
    const parted = this.#parted ?? (await this.#begin());
    if (this.#isStopped) return;
    const offset = this.offset;
    await parted.add(this.#content()).catch((error: unknown) => {
      // Whoever ended the upload has given its parts up.
      if (!this.#isStopped) throw error;
    });
    // A newer request has these bytes from the storage and stores the same part again.
    if (this.#isStopped) return;
    this.#record.parts = [...parted.parts];
    this.#record.offset = offset;
    this.#filled = 0;
    this.#deps.store.save(this.#record);
  }

  async #begin(): Promise<PartedObject> {
    const parted = await this.#deps.objects.begin(this.#record.key, UNKNOWN_TYPE);
    if (this.#isStopped) {
      await parted.abort();
      return parted;
    }
    this.#parted = parted;
    this.#record.multipartId = parted.id;
    this.#deps.store.note(this.#record);
    return parted;
  }

  #save(): void {
    this.#record.offset = this.offset;
    this.#deps.store.save(this.#record, this.#content());
    if (isReceived(this.#record)) this.#deps.onReceived();
  }

  #content(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#filled);
  }
}

/** How much memory the rest of an upload takes. */
export function bufferBytes({ length, parts }: SessionRecord, maxBytes: number): number {
  return Math.min(PART_BYTES, (length ?? maxBytes) - parts.length * PART_BYTES);
}

/** The next chunk, null when the connection broke. */
async function readStep(reader: ReadableStreamBYOBReader, buffer: Uint8Array<ArrayBuffer>) {
  try {
    return await reader.read(buffer);
  } catch {
    return null;
  }
}
