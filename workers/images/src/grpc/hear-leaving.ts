import { Code, ConnectError } from "@connectrpc/connect";

/**
 * Passes an answer on by a stream of the runtime's own: of one that is made in JavaScript nobody hears that its reader
 * has gone. It is heard at the second or third message after that.
 * @param listening is aborted then
 */
export function hearLeaving(answer: Response, listening: AbortController): Response {
  if (answer.body === null) return answer;
  const { readable, writable } = new IdentityTransformStream();
  void pass(answer.body.getReader(), writable.getWriter(), listening);
  return new Response(readable, answer);
}

async function pass(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  listening: AbortController,
): Promise<void> {
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) await writer.write(step.value);
    await writer.close();
  } catch {
    const reason = new ConnectError("The caller has gone.", Code.Canceled);
    // First of all: a method that waits for something does not hear that its answer is not wanted any more.
    listening.abort(reason);
    await reader.cancel(reason).catch(() => undefined);
  }
}
