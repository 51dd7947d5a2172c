/**
 * An instance that grew beyond this is dropped after its job: WebAssembly memory never shrinks. The limit lies above
 * what the usual photos need, for a dropped instance's memory comes back only when the garbage collector gets to it:
 * with a fresh instance for each 12-megapixel photo a process held 3.4 GB after a dozen.
 */
const KEPT_MEMORY_MAX_BYTES = 144 * 1024 * 1024;

/** A started codec and the memory it works in. */
export interface Started<Api> {
  api: Api;
  memory: WebAssembly.Memory;
}

/**
 * One codec's WebAssembly instance, made when first used and used again while it is sound.
 * It keeps the finished instance, never a promise of one: a promise would be settled by another invocation,
 * which the runtime may have ended.
 */
export class Instance<Api> {
  readonly #start: () => Promise<Started<Api>>;
  #running: Started<Api> | null = null;

  constructor(start: () => Promise<Started<Api>>) {
    this.#start = start;
  }

  /**
   * Runs one call that is expected to succeed.
   * @throws whatever the call throws, and takes the instance along
   */
  async use<Value>(call: (api: Api) => Value): Promise<Value> {
    const { api } = await this.#ready();
    try {
      return call(api);
    } catch (error) {
      this.#running = null;
      throw error;
    }
  }

  /**
   * Runs one call on bytes that may be bad: null when it throws or answers null. Both take the instance along, for a
   * broken JPEG leaves the decoder's memory in a state in which good ones fail too.
   * @throws only when the codec cannot be started
   */
  async attempt<Value>(call: (api: Api) => Value | null): Promise<Value | null> {
    const { api } = await this.#ready();
    const value = valueOrNull(() => call(api));
    if (value === null) this.#running = null;
    return value;
  }

  async #ready(): Promise<Started<Api>> {
    const running = this.#running ?? (await this.#start());
    this.#running = running;
    return running;
  }

  drop(): void {
    this.#running = null;
  }

  dropIfLarge(): void {
    const held = this.#running?.memory.buffer.byteLength ?? 0;
    if (held > KEPT_MEMORY_MAX_BYTES) this.drop();
  }
}

function valueOrNull<Value>(call: () => Value | null): Value | null {
  try {
    return call();
  } catch {
    return null;
  }
}

/** The memory among an instance's exports, under whatever name the compiler gave it. */
export function memoryOf(exports: WebAssembly.Exports): WebAssembly.Memory {
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  if (memory === undefined) throw new Error("the codec exports no memory");
  return memory;
}
