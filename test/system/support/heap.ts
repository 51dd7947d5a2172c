/** The runtime lets in only who says where it comes from. Node's own WebSocket takes headers; the types do not know. */
interface HeaderOptions {
  headers: Record<string, string>;
}

/** What the debugger's protocol says of a heap, in bytes. */
interface HeapUsage {
  usedSize: number;
  /** Of all buffers that are alive. */
  backingStorageSize: number;
}

/** The heap of a running Worker, seen through the debugger's protocol. */
export class Heap {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (usage: HeapUsage) => void>();
  #asked = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result: HeapUsage };
      if (id !== undefined) this.#answers.get(id)?.(result);
    });
  }

  /** @param port the inspector's of a process with one Worker */
  static async open(port: number): Promise<Heap> {
    const Socket = WebSocket as unknown as new (url: string, options: HeaderOptions) => WebSocket;
    const socket = new Socket(`ws://127.0.0.1:${port}/ws`, { headers: { Origin: "http://localhost" } });
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    return new Heap(socket);
  }

  /** Bytes of buffers that something still holds. */
  async liveBuffers(): Promise<number> {
    await this.#ask("HeapProfiler.collectGarbage");
    return (await this.#ask("Runtime.getHeapUsage")).backingStorageSize;
  }

  /** By how many bytes the live buffers rise at most while something is done. */
  async riseDuring(work: Promise<unknown>): Promise<number> {
    const before = await this.liveBuffers();
    let peak = before;
    let isDone = false;
    const ended = work.finally(() => {
      isDone = true;
    });
    while (!isDone) peak = Math.max(peak, await this.liveBuffers());
    await ended;
    return peak - before;
  }

  close(): void {
    this.#socket.close();
  }

  #ask(method: string): Promise<HeapUsage> {
    this.#asked += 1;
    const id = this.#asked;
    this.#socket.send(JSON.stringify({ id, method }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }
}
