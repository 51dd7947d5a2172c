import type { Objects, PartedObject, StoredObject } from "../storage/objects.ts";

/** Parts of this size are stored one after the other; R2 wants at least 5 MiB. Eight of them fill the budget. */
export const PART_BYTES = 6 * 1024 * 1024;

/** Is told of an object that goes in parts, before the first of them. */
export type NoteParts = (partsId: string) => Promise<void>;

/** Gathers bytes in one buffer. What fits into it is stored at once; what does not goes part by part. */
export class Collector {
  readonly #objects: Pick<Objects, "put" | "begin">;
  readonly #key: string;
  readonly #mimeType: string;
  readonly #buffer: Uint8Array;
  readonly #noteParts: NoteParts;
  #filled = 0;
  #parted: PartedObject | null = null;

  /** @param capacity the buffer's size: the number of bytes at most, or `PART_BYTES` if that may be more */
  constructor(
    objects: Pick<Objects, "put" | "begin">,
    key: string,
    mimeType: string,
    capacity: number,
    noteParts: NoteParts = async () => undefined,
  ) {
    this.#objects = objects;
    this.#key = key;
    this.#mimeType = mimeType;
    this.#buffer = new Uint8Array(capacity);
    this.#noteParts = noteParts;
  }

  async add(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#filled === this.#buffer.length) await this.#flush();
      const fitting = rest.subarray(0, this.#buffer.length - this.#filled);
      this.#buffer.set(fitting, this.#filled);
      this.#filled += fitting.length;
      rest = rest.subarray(fitting.length);
    }
  }

  async finish(): Promise<StoredObject> {
    if (this.#parted === null) return this.#objects.put(this.#key, this.#content(), this.#mimeType);
    await this.#flush();
    return this.#parted.complete();
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    await this.#parted?.abort();
  }

  async #flush(): Promise<void> {
    if (this.#parted === null) {
      this.#parted = await this.#objects.begin(this.#key, this.#mimeType);
      await this.#noteParts(this.#parted.id);
    }
    await this.#parted.add(this.#content());
    this.#filled = 0;
  }

  #content(): Uint8Array {
    return this.#buffer.subarray(0, this.#filled);
  }
}
