import { ok } from "../../../../shared/result.ts";
import type { ByteRange, Objects, StoredObject } from "../storage/objects.ts";
import type { Content, Watch } from "../uploads/content.ts";
import { Sha256 } from "../uploads/sha256.ts";

/** Bytes that lie in the bucket already, under the key that their file will have. */
export class BucketContent implements Content {
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

  /** Stores nothing: reads what is there, for its digest and whoever watches. */
  async store(_key: string, _mimeType: string, watch?: Watch) {
    const sha256 = new Sha256();
    for await (const chunk of await this.#open()) {
      watch?.(chunk);
      await sha256.add(chunk);
    }
    return ok({ ...this.#object, sha256: await sha256.finish() });
  }

  async discard() {
    // Nothing is being sent.
  }

  async #open(range?: ByteRange): Promise<ReadableStream<Uint8Array>> {
    const opened = await this.#objects.open(this.#key, range);
    if (opened === null) throw new Error("The bytes of an upload are gone.");
    return opened.body;
  }
}
