import { ok } from "../../../../shared/result.ts";
import type { Content } from "../content.ts";
import type { Objects, StoredObject } from "../objects.ts";

/** Bytes that lie in the bucket already, under the key that their file will have. */
export class StoredContent implements Content {
  readonly #objects: Pick<Objects, "open">;
  readonly #key: string;
  readonly #object: StoredObject;

  constructor(objects: Pick<Objects, "open">, key: string, object: StoredObject) {
    this.#objects = objects;
    this.#key = key;
    this.#object = object;
  }

  async peek(limit: number) {
    const body = await this.#open({ offset: 0, length: Math.min(limit, this.#object.bytes) });
    return ok(new Uint8Array(await new Response(body).arrayBuffer()));
  }

  /** Stores nothing, but shows every byte to whoever watches. */
  async store(_key: string, _mimeType: string, watch?: (chunk: Uint8Array) => void) {
    if (watch !== undefined) {
      for await (const chunk of await this.#open()) watch(chunk);
    }
    return ok(this.#object);
  }

  async discard() {
    // Nothing is being sent.
  }

  async #open(range?: { offset: number; length: number }): Promise<ReadableStream<Uint8Array>> {
    const opened = await this.#objects.open(this.#key, range);
    if (opened === null) throw new Error("The bytes of an upload are gone.");
    return opened.body;
  }
}
