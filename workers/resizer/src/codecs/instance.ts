/** A started codec and the memory it works in. */
export interface Started<Api> {
  api: Api;
  memory: WebAssembly.Memory;
}

/** A codec ready for use; `memory` is null for one that works in the kernel's. */
interface Ready<Api> {
  api: Api;
  memory: WebAssembly.Memory | null;
}

/**
 * One codec's WebAssembly instance, made when first used and used again while it is sound.
 * It keeps the finished instance, never a promise of one: a promise would be settled by another invocation,
 * which the runtime may have ended.
 */
export class Instance<Api> {
  readonly #start: () => Promise<Ready<Api>>;
  #running: Ready<Api> | null = null;

  constructor(start: () => Promise<Ready<Api>>) {
    this.#start = start;
  }

  /** The memory that the kept instance holds for itself, or null while there is none. */
  get memory(): WebAssembly.Memory | null {
    return this.#running?.memory ?? null;
  }

  /**
   * Runs one call on the instance. It must be over when it returns: another job may be the next to call.
   * @throws whatever the call throws, and takes the instance along
   */
  async use<Value>(call: (api: Api) => Value): Promise<Value> {
    const running = this.#running ?? (await this.#start());
    this.#running = running;
    try {
      return call(running.api);
    } catch (error) {
      this.#running = null;
      throw error;
    }
  }

  drop(): void {
    this.#running = null;
  }
}

/** The memory among an instance's exports, under whatever name the compiler gave it. */
export function memoryOf(exports: WebAssembly.Exports): WebAssembly.Memory {
  const memory = Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
  if (memory === undefined) throw new Error("the codec exports no memory");
  return memory;
}
