/** One block of a stream of server-sent events. A comment has neither event nor data. */
export interface StreamBlock {
  id: string | null;
  event: string | null;
  data: string | null;
  comment: string | null;
}

/** Reads an answer as server-sent events, block by block. */
export class EventStream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(answer: Response) {
    if (answer.body === null) throw new Error("The answer has no body.");
    this.#reader = answer.body.getReader();
  }

  /** The next block, null when the stream has ended. */
  async next(): Promise<StreamBlock | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return readBlock(block);
      }
      const step = await this.#reader.read();
      if (step.done) return null;
      this.#text += this.#decoder.decode(step.value, { stream: true });
    }
  }

  /** The next block that a field is given in. Throws when the stream ends before. */
  async nextWith(field: keyof StreamBlock): Promise<StreamBlock> {
    for (;;) {
      const block = await this.next();
      if (block === null) throw new Error("The stream has ended.");
      if (block[field] !== null) return block;
    }
  }

  /** Reads on until the stream ends. */
  async ended(): Promise<void> {
    while ((await this.next()) !== null) {
      // What comes before the end is of no interest.
    }
  }

  close(): Promise<void> {
    return this.#reader.cancel();
  }
}

function readBlock(text: string): StreamBlock {
  const block: StreamBlock = { id: null, event: null, data: null, comment: null };
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "id" || name === "event" || name === "data") block[name] = value;
    if (name === "") block.comment = value;
  }
  return block;
}
