import { pour } from "./byte-streams.ts";

/** What is known of an object once it is stored. */
export interface StoredObject {
  bytes: number;
  /** Without quotes. */
  etag: string;
}

/** An object, or a part of one, that is being read. */
export interface OpenObject extends StoredObject {
  body: ReadableStream<Uint8Array>;
}

/** An object in a list. */
export interface ListedObject {
  key: string;
  /** Unix milliseconds. */
  storedAt: number;
}

/** Part of an object, in bytes. */
export interface ByteRange {
  offset: number;
  length: number;
}

/** R2 deletes at most this many keys in a call. */
const KEYS_PER_DELETE = 1_000;

function describeStored(object: R2Object): StoredObject {
  return { bytes: object.size, etag: object.etag };
}

/** The image bucket. Nothing else touches it. */
export class Objects {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async ping(): Promise<void> {
    await this.#bucket.head("health");
  }

  async put(key: string, bytes: Uint8Array, mimeType: string): Promise<StoredObject> {
    return describeStored(await this.#bucket.put(key, bytes, { httpMetadata: { contentType: mimeType } }));
  }

  /**
   * Stores `length` bytes without holding more than a chunk of them in memory. A chunk's buffer may be used again when
   * the next one is asked for. Throws when they end early; then there is no object.
   */
  async putChunks(
    key: string,
    mimeType: string,
    length: number,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<StoredObject> {
    const { readable, writable } = new FixedLengthStream(length);
    const stored = this.#bucket.put(key, readable, { httpMetadata: { contentType: mimeType } });
    const [object] = await Promise.all([stored, pour(chunks, writable)]);
    return describeStored(object);
  }

  /** Begins an object of unknown length. Parts must be equally large, but for the last. */
  async begin(key: string, mimeType: string): Promise<PartedObject> {
    return new PartedObject(await this.#bucket.createMultipartUpload(key, { httpMetadata: { contentType: mimeType } }));
  }

  /** Goes on with an object that was begun earlier. @param parts those that are stored, in their order */
  resume(key: string, id: string, parts: R2UploadedPart[]): PartedObject {
    return new PartedObject(this.#bucket.resumeMultipartUpload(key, id), parts);
  }

  /** Gives up an object that was begun. One that is complete by now, or given up already, stays as it is. */
  async abortParts(key: string, id: string): Promise<void> {
    await this.resume(key, id, []).abort();
  }

  async head(key: string): Promise<StoredObject | null> {
    const object = await this.#bucket.head(key);
    return object === null ? null : describeStored(object);
  }

  async open(key: string, range?: ByteRange): Promise<OpenObject | null> {
    const object = await this.#bucket.get(key, range && { range });
    return object === null ? null : { ...describeStored(object), body: object.body };
  }

  /** @returns what was stored, null where there is nothing to copy */
  async copy(from: string, to: string, mimeType: string): Promise<StoredObject | null> {
    const object = await this.#bucket.get(from);
    if (object === null) return null;
    return describeStored(await this.#bucket.put(to, object.body, { httpMetadata: { contentType: mimeType } }));
  }

  /** Some keys that begin so, as many as R2 lists in a call. */
  async listSome(prefix: string): Promise<string[]> {
    const { objects } = await this.#bucket.list({ prefix });
    return objects.map((object) => object.key);
  }

  /** The objects behind a key, in the order of their keys. */
  async listAfter(key: string, limit: number): Promise<{ objects: ListedObject[]; isLast: boolean }> {
    const { objects, truncated } = await this.#bucket.list({ limit, ...(key !== "" && { startAfter: key }) });
    const listed = objects.map((object) => ({ key: object.key, storedAt: object.uploaded.getTime() }));
    return { objects: listed, isLast: !truncated };
  }

  /** Deleting what is not there changes nothing. */
  async delete(keys: string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += KEYS_PER_DELETE) {
      await this.#bucket.delete(keys.slice(start, start + KEYS_PER_DELETE));
    }
  }
}

/** R2 says this of an upload in parts that is complete or was given up. */
export function isEndedUpload(error: unknown): boolean {
  return error instanceof Error && error.message.includes("(10024)");
}

/** An object that is being stored part by part. It exists once it is completed. */
export class PartedObject {
  readonly #upload: R2MultipartUpload;
  readonly #parts: R2UploadedPart[];

  constructor(upload: R2MultipartUpload, parts: R2UploadedPart[] = []) {
    this.#upload = upload;
    this.#parts = [...parts];
  }

  /** What it is resumed by. */
  get id(): string {
    return this.#upload.uploadId;
  }

  get parts(): readonly R2UploadedPart[] {
    return this.#parts;
  }

  async add(bytes: Uint8Array): Promise<void> {
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, bytes));
  }

  async complete(): Promise<StoredObject> {
    return describeStored(await this.#upload.complete(this.#parts));
  }

  /** One that is complete by now, or given up already, stays as it is. */
  async abort(): Promise<void> {
    try {
      await this.#upload.abort();
    } catch (error) {
      if (!isEndedUpload(error)) throw error;
    }
  }
}
