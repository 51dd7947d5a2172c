/** Longer JSON passes as it comes: holding it would cost more than it tells. Lists of a hundred rows are shorter. */
const CHECKED_MAX_BYTES = 256 * 1024;

/**
 * Reads a JSON answer to its end before the caller gets the status: a cut or garbled one must not arrive as a success.
 * Bytes, streams and long JSON pass untouched; there the cut connection tells.
 * @returns null when it is not what it says it is. Throws when its stream breaks.
 */
export async function checkAnswer(method: string, answer: Response): Promise<Response | null> {
  const claimsJson = /^application\/(problem\+)?json\b/.test(answer.headers.get("Content-Type") ?? "");
  // Copied, because headers of a fetched response cannot be changed. The body stays a stream.
  if (!claimsJson || method === "HEAD" || answer.body === null) return new Response(answer.body, answer);

  const reader: ReadableStreamDefaultReader<Uint8Array> = answer.body.getReader();
  const { begun, isWhole } = await readBeginning(reader);
  if (!isWhole) return new Response(continueStream(begun, reader), answer);
  const text = await begun.text();
  return isJson(text) ? new Response(text, answer) : null;
}

async function readBeginning(reader: ReadableStreamDefaultReader<Uint8Array>) {
  const pieces: Uint8Array[] = [];
  for (let bytes = 0; bytes <= CHECKED_MAX_BYTES; ) {
    const step = await reader.read();
    if (step.done) return { begun: new Blob(pieces), isWhole: true };
    pieces.push(step.value);
    bytes += step.value.length;
  }
  return { begun: new Blob(pieces), isWhole: false };
}

function continueStream(begun: Blob, reader: ReadableStreamDefaultReader<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(new Uint8Array(await begun.arrayBuffer()));
    },
    async pull(controller) {
      const step = await reader.read();
      if (step.done) controller.close();
      else controller.enqueue(step.value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
