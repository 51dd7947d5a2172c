import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RequestBody } from "../../../workers/images/src/grpc/request-body.ts";

const CHUNK_BYTES = 10;
const CHUNK_MS = 10;
/** Much less than a silence of the client may last. */
const SOON_MS = 300;
const MAX_BYTES = 100;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** What a client sends without a pause. */
class Sender {
  sent = 0;
  isGivenUp = false;
  #isAtItsEnd = false;
  readonly body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, CHUNK_MS));
        if (this.#isAtItsEnd) return controller.close();
        this.sent += CHUNK_BYTES;
        controller.enqueue(new Uint8Array(CHUNK_BYTES));
      },
      cancel: () => {
        this.isGivenUp = true;
      },
    },
    { highWaterMark: 0 },
  );

  end(): void {
    this.#isAtItsEnd = true;
  }
}

/** Refuses while the client is sending. `isOver` says whether the whole answer has come. */
function refuse(sender: Sender) {
  const seen = { isAnswered: false, isOver: false };
  const background = { waitUntil: () => {} };
  const answering = new RequestBody(sender.body, false).answer(new Response("refused"), MAX_BYTES, background);
  answering.then(async (answer) => {
    seen.isAnswered = true;
    await answer.text();
    seen.isOver = true;
  });
  return seen;
}

describe("a call that is refused while its client goes on sending", () => {
  test("is answered as soon as enough of the rest has been read, and read on", async () => {
    const sender = new Sender();
    const seen = refuse(sender);
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(seen.isAnswered).toBe(true);
    expect(sender.isGivenUp).toBe(false);
    expect(sender.sent).toBeGreaterThan(2 * MAX_BYTES);
  });

  test("ends its answer once the client has ended its request", async () => {
    const sender = new Sender();
    const seen = refuse(sender);
    await vi.advanceTimersByTimeAsync(SOON_MS);
    expect(seen.isOver).toBe(false);
    sender.end();
    await vi.advanceTimersByTimeAsync(2 * CHUNK_MS);
    expect([seen.isOver, sender.isGivenUp]).toEqual([true, false]);
  });

  test("is given up when its client never ends", async () => {
    const sender = new Sender();
    const seen = refuse(sender);
    await vi.advanceTimersByTimeAsync(10 * SOON_MS);
    expect([seen.isOver, sender.isGivenUp]).toEqual([true, true]);
    expect(sender.sent).toBeLessThan(6 * MAX_BYTES);
  });
});
