/**
 * How far each step reads on: to 4, 32 and 256 KiB. Most answers fit into the first, with which one step reads them to
 * their end; it is no larger, because every answer has such a buffer made, cleared and collected.
 */
const STEPS_BYTES = [4 * 1024, 28 * 1024, 224 * 1024] as const;
/** Longer JSON passes in pieces of this size, as it comes: holding it would cost more than it tells. */
const PIECE_BYTES = 64 * 1024;

/**
 * Reads a JSON answer to its end before the caller gets the status: a cut or garbled one must not arrive as a success.
 * Bytes, streams and long JSON pass untouched; there the cut connection tells.
 * @returns null when it is not what it says it is. Throws when its stream breaks.
 */
export async function checkAnswer(method: string, answer: Response): Promise<Response | null> {
  const claimsJson = /^application\/(problem\+)?json\b/.test(answer.headers.get("Content-Type") ?? "");
  // Copied, because headers of a fetched response cannot be changed. The body stays a stream.
  if (!claimsJson || method === "HEAD" || answer.body === null) return new Response(answer.body, answer);

  const reader = answer.body.getReader({ mode: "byob" });
  const { begun, isWhole } = await readBeginning(reader);
  if (!isWhole) return new Response(continueStream(begun, reader), answer);
  const [only = new Uint8Array(0), ...others] = begun;
  const bytes = others.length === 0 ? only : new Uint8Array(await new Blob(begun).arrayBuffer());
  return isJson(bytes) ? new Response(bytes, answer) : null;
}

type Bytes = Uint8Array<ArrayBuffer>;

async function readBeginning(reader: ReadableStreamBYOBReader): Promise<{ begun: Bytes[]; isWhole: boolean }> {
  const begun: Bytes[] = [];
  for (const size of STEPS_BYTES) {
    const { value } = await reader.readAtLeast<Bytes>(size, new Uint8Array(size));
    if (value !== undefined) begun.push(value);
    // Only its end makes a stream give less than it was asked for.
    if (value === undefined || value.length < size) return { begun, isWhole: true };
  }
  return { begun, isWhole: false };
}

function continueStream(begun: Bytes[], reader: ReadableStreamBYOBReader): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of begun) controller.enqueue(piece);
    },
    async pull(controller) {
      const step = await reader.read(new Uint8Array(PIECE_BYTES));
      if (step.done) controller.close();
      else controller.enqueue(step.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

const decoder = new TextDecoder();

function isJson(bytes: Bytes): boolean {
  try {
    JSON.parse(decoder.decode(bytes));
    return true;
  } catch {
    return false;
  }
}
