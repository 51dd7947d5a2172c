import { whileItComes } from "../../../../shared/http/drain.ts";
import { uploadBudget } from "../uploads/upload-budget.ts";
import { HeldBytes } from "./held-bytes.ts";
import { refusal } from "./refusals.ts";

/** A message is in memory in pieces and as a whole while it is put together. */
const COPIES = 2;
/** What is still on its way when an answer goes out is read too, so many times the most that was read before. */
const AFTERWARDS = 4;

type Background = Pick<ExecutionContext, "waitUntil">;

/** The body of a call, chunk by chunk. */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | null;
  readonly #held: HeldBytes | null;
  #bytesRead = 0;
  #ended = false;

  /** @param isHeld whether its bytes are all in memory at once, and so count against the budget */
  constructor(stream: ReadableStream<Uint8Array> | null, isHeld: boolean) {
    this.#reader = stream?.getReader() ?? null;
    this.#held = isHeld ? new HeldBytes(uploadBudget) : null;
  }

  /** Throws a refusal when there is no room for more of it. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    for (let chunk = await this.#read(); chunk !== null; chunk = await this.#read()) {
      if (this.#held !== null && !this.#held.add(chunk.length * COPIES)) {
        throw refusal({ code: "busy", detail: "Many uploads are under way. Send this one again in a moment." });
      }
      yield chunk;
    }
  }

  /**
   * Ends the reading. What is left is thrown away, at most `maxBytes` of it before the answer: a client that is still
   * sending does not read it, so without this a local connection breaks before the refusal arrives.
   * @returns the answer; its last bytes tell a client that still sends to end its request, and then the answer ends too
   */
  async answer(response: Response, maxBytes: number, background: Background): Promise<Response> {
    this.#held?.release();
    if (this.#ended) return response;
    const enough = this.#readOn(maxBytes);
    // Counted from there: a body that is given up breaks the connection, and with it an answer that is still on its way.
    const drained = enough.then(() => this.#readOn(AFTERWARDS * maxBytes)).then(() => this.#giveUp());
    // Beyond the answer too: the connection is of use again once the client has ended its request.
    background.waitUntil(drained);
    await whileItComes(enough, () => this.#bytesRead);
    const untilDrained = new TransformStream<Uint8Array, Uint8Array>({ flush: () => drained });
    return new Response(response.body?.pipeThrough(untilDrained), response);
  }

  /** Reads so many bytes more and throws them away; fewer where the body ends or breaks off. */
  async #readOn(bytes: number): Promise<void> {
    const limit = this.#bytesRead + bytes;
    const breakOff = () => {
      this.#ended = true;
    };
    while (!this.#ended && this.#bytesRead <= limit) await this.#read().catch(breakOff);
  }

  async #giveUp(): Promise<void> {
    if (!this.#ended) await this.#reader?.cancel();
  }

  async #read(): Promise<Uint8Array | null> {
    const step = this.#ended ? undefined : await this.#reader?.read();
    this.#ended = step?.done ?? true;
    this.#bytesRead += step?.value?.length ?? 0;
    return step?.value ?? null;
  }
}
