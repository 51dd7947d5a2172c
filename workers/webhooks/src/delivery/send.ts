import type { FailureReason } from "../../../../shared/contracts/webhooks.ts";

/** What is kept of an answer's body. */
const KEPT_BYTES = 4 * 1024;
/** A receiver that takes an event says so in a few bytes. More is some page that answers everything, or a flood. */
const ANSWER_MAX_BYTES = 64 * 1024;
/** The headers of an answer that help to find a fault. */
const KEPT_HEADERS = ["content-type", "date", "location", "retry-after", "server", "x-request-id"];
const HEADER_MAX_CHARACTERS = 200;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** At most the first 4 KiB, as text. */
  body: string;
}

/** How an attempt ended. */
export interface Outcome {
  startedAt: number;
  durationMs: number;
  answer: Answer | null;
  /** Null where the receiver took it. */
  reason: FailureReason | null;
}

export interface Outgoing {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * Posts a delivery once. Taken is what is answered with 2xx, to its end, within the time: a receiver that breaks off
 * may have broken down. Redirects are not followed: an address that was allowed must not lead to one that is not.
 * Never throws.
 */
export async function send({ url, headers, body }: Outgoing, timeoutMs: number): Promise<Outcome> {
  const startedAt = Date.now();
  const signal = AbortSignal.timeout(timeoutMs);
  const outcomeOf = (answer: Answer | null, reason: FailureReason | null): Outcome => {
    return { startedAt, durationMs: Date.now() - startedAt, answer, reason };
  };
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
  } catch {
    return outcomeOf(null, signal.aborted ? "timeout" : "connection_failed");
  }
  const read = await readBody(response, signal);
  const answer = { status: response.status, headers: keptHeaders(response.headers), body: read.text };
  return outcomeOf(answer, reasonOf(response.status) ?? read.reason);
}

function reasonOf(status: number): FailureReason | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? "redirect" : "status";
}

function keptHeaders(headers: Headers): Record<string, string> {
  const kept = KEPT_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value.slice(0, HEADER_MAX_CHARACTERS)] as const];
  });
  return Object.fromEntries(kept);
}

/** Reads an answer to its end, as far as it is one, and keeps its beginning. */
async function readBody(
  response: Response,
  signal: AbortSignal,
): Promise<{ text: string; reason: FailureReason | null }> {
  const kept = new Uint8Array(KEPT_BYTES);
  let bytes = 0;
  const textSoFar = () => new TextDecoder().decode(kept.subarray(0, Math.min(bytes, KEPT_BYTES)));
  const reader = response.body?.getReader();
  if (reader === undefined) return { text: "", reason: null };
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { text: textSoFar(), reason: null };
      if (bytes < KEPT_BYTES) kept.set(value.subarray(0, KEPT_BYTES - bytes), bytes);
      bytes += value.byteLength;
      if (bytes > ANSWER_MAX_BYTES) {
        await reader.cancel();
        return { text: textSoFar(), reason: "answer_too_large" };
      }
    }
  } catch {
    return { text: textSoFar(), reason: signal.aborted ? "timeout" : "answer_broken_off" };
  }
}
