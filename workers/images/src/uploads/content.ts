import { drain } from "../../../../shared/http/drain.ts";
import { type Failure, fail, ok, type Result } from "../../../../shared/result.ts";
import { readChunks } from "../storage/byte-streams.ts";
import { isEndedUpload, type Objects, type StoredObject } from "../storage/objects.ts";
import { Collector, type NoteParts, PART_BYTES } from "./collector.ts";
import { Sha256 } from "./sha256.ts";
import type { UploadBudget } from "./upload-budget.ts";
import type { ByteChunks, UploadRefusal } from "./upload-refusal.ts";

/** Looks at bytes as they pass, in order. The buffer of a chunk is used again: whoever keeps something copies it. */
export type Watch = (chunk: Uint8Array) => void;

/** What is known of an upload once its bytes are stored. */
export interface StoredContent extends StoredObject {
  /** 64 lower-case hexadecimal digits. */
  sha256: string;
}

/** The bytes of one upload, which come once. */
export interface Content {
  /** The first bytes, at most `limit` or a chunk more; may be asked again with a larger limit. */
  peek(limit: number): Promise<Result<Uint8Array, UploadRefusal>>;
  /**
   * Stores all of them. Where they are refused on the way there is no object.
   * @param watch sees every byte, from the first on
   */
  store(
    key: string,
    mimeType: string,
    watch?: Watch,
    noteParts?: NoteParts,
  ): Promise<Result<StoredContent, UploadRefusal>>;
  /** Gives up what was not read, after a refusal. */
  discard(): Promise<void>;
}

/** The bytes of a request, which nobody keeps yet. */
export interface SentContent extends Content {
  /** Reads all of them and stores none. @returns their SHA-256 as 64 lower-case hexadecimal digits */
  digest(): Promise<Result<string, UploadRefusal>>;
}

/** A body whose length was declared: it streams to the bucket, and only its head is ever in memory. */
export class StreamedContent implements SentContent {
  readonly #objects: Pick<Objects, "putChunks">;
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #length: number;
  #head = new Uint8Array(0);

  constructor(objects: Pick<Objects, "putChunks">, stream: ReadableStream<Uint8Array>, length: number) {
    this.#objects = objects;
    this.#stream = stream;
    this.#length = length;
  }

  async peek(limit: number) {
    const pieces: Uint8Array[] = [this.#head];
    let bytes = this.#head.length;
    const reader = this.#stream.getReader();
    while (bytes < limit) {
      const step = await reader.read();
      if (step.done) break;
      pieces.push(step.value);
      bytes += step.value.length;
    }
    reader.releaseLock();
    this.#head = concatenate(pieces);
    return ok(this.#head);
  }

  async store(key: string, mimeType: string, watch?: Watch) {
    const sha256 = new Sha256();
    const chunks = this.#readAll(sha256, watch);
    const stored = await this.#objects.putChunks(key, mimeType, this.#length, chunks);
    return ok({ ...stored, sha256: await sha256.finish() });
  }

  async digest() {
    const sha256 = new Sha256();
    for await (const chunk of this.#readRaw()) await sha256.add(chunk);
    return ok(await sha256.finish());
  }

  async discard() {
    await drain(this.#stream[Symbol.asyncIterator](), this.#length);
  }

  async *#readAll(sha256: Sha256, watch?: Watch): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of this.#readRaw()) {
      watch?.(chunk);
      await sha256.add(chunk);
      yield chunk;
    }
  }

  async *#readRaw(): AsyncGenerator<Uint8Array, void> {
    yield this.#head;
    yield* readChunks(this.#stream);
  }
}

/** Bytes whose number is only known at their end, such as a part of a form. */
export class ChunkedContent implements SentContent {
  readonly #objects: Pick<Objects, "put" | "begin">;
  readonly #budget: UploadBudget;
  readonly #chunks: ByteChunks;
  readonly #bytesAtMost: number;
  #head = new Uint8Array(0);
  /** An iterator says only once how it ended. */
  #allCame = false;

  /** @param bytesAtMost how many bytes may come, as far as that is known */
  constructor(objects: Pick<Objects, "put" | "begin">, budget: UploadBudget, chunks: ByteChunks, bytesAtMost: number) {
    this.#objects = objects;
    this.#budget = budget;
    this.#chunks = chunks;
    this.#bytesAtMost = bytesAtMost;
  }

  async peek(limit: number): Promise<Result<Uint8Array, UploadRefusal>> {
    const pieces: Uint8Array[] = [this.#head];
    let bytes = this.#head.length;
    while (bytes < limit && !this.#allCame) {
      const step = await this.#chunks.next();
      if (step.done) {
        if (step.value !== null) return { ok: false, failure: step.value };
        this.#allCame = true;
        break;
      }
      pieces.push(step.value);
      bytes += step.value.length;
    }
    this.#head = concatenate(pieces);
    return ok(this.#head);
  }

  async store(
    key: string,
    mimeType: string,
    watch?: Watch,
    noteParts?: NoteParts,
  ): Promise<Result<StoredContent, UploadRefusal>> {
    const capacity = Math.min(this.#bytesAtMost, PART_BYTES);
    const reservation = this.#budget.reserve(capacity);
    if (reservation === null) return fail("busy", "Many uploads are under way. Send this one again in a moment.");
    const sha256 = new Sha256();
    const collector = new Collector(this.#objects, key, mimeType, capacity, noteParts);
    const take = async (chunk: Uint8Array) => {
      watch?.(chunk);
      await sha256.add(chunk);
      await collector.add(chunk);
      reservation.touch();
    };
    try {
      await take(this.#head);
      const failure = await this.#pour(take);
      if (failure === null) return ok({ ...(await collector.finish()), sha256: await sha256.finish() });
      await collector.abort();
      return { ok: false, failure };
    } catch (error) {
      await collector.abort();
      if (isEndedUpload(error))
        return fail("busy", "It was on its way for so long that it was given up. Send it again.");
      throw error;
    } finally {
      reservation.release();
    }
  }

  async digest(): Promise<Result<string, UploadRefusal>> {
    const sha256 = new Sha256();
    await sha256.add(this.#head);
    const failure = await this.#pour((chunk) => sha256.add(chunk));
    return failure === null ? ok(await sha256.finish()) : { ok: false, failure };
  }

  async discard() {
    await this.#chunks.return(null);
  }

  async #pour(take: (chunk: Uint8Array) => Promise<void>): Promise<Failure<UploadRefusal> | null> {
    while (!this.#allCame) {
      const step = await this.#chunks.next();
      if (step.done) return step.value;
      await take(step.value);
    }
    return null;
  }
}

function concatenate(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.length;
  }
  return all;
}
