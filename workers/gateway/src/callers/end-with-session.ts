import type { Context } from "hono";
import { describeError } from "../../../../shared/log.ts";
import type { Env } from "../env.ts";
import { isAlive } from "./authenticate.ts";
import type { Identity } from "./identity.ts";

/** An ended session is known within four seconds, so that a stream of it is over within five (C5). */
const CHECK_EVERY_MS = 1_000;
/** As long as an access token lives. Whoever listens longer comes again, and shows what they have then. */
const STREAM_MAX_MS = 900_000;

/**
 * Lets an answer that goes on and on be received only as long as the credential that asked for it is good: such a stream
 * ends with its session, with its token, cookie or key, or after a quarter of an hour. Any other answer passes.
 */
export function endWithSession(c: Context<{ Bindings: Env }>, identity: Identity | null, answer: Response): Response {
  if (identity === null || answer.status !== 200 || answer.body === null) return answer;
  const endsAt = Math.min(identity.expiresAt ?? Number.POSITIVE_INFINITY, Date.now() + STREAM_MAX_MS);
  const isOver = async () => {
    if (Date.now() >= endsAt) return true;
    try {
      return !(await isAlive(c, identity));
    } catch (error) {
      c.var.log.error("stream ended unchecked", { error: describeError(error) });
      return true;
    }
  };
  return new Response(endWhen(answer.body, isOver), answer);
}

/** Passes a stream on until it is over: then it just ends, which clients take as a reason to come again. */
function endWhen(body: ReadableStream<Uint8Array>, isOver: () => Promise<boolean>): ReadableStream<Uint8Array> {
  // The runtime's own: of a stream that is made in JavaScript the service never hears that its reader has gone.
  const { readable, writable } = new IdentityTransformStream();
  const ending = new AbortController();

  async function pass(): Promise<void> {
    // It also stops where the service breaks off or the caller has gone: for whoever is left it is an end all the same.
    await body.pipeTo(writable, { signal: ending.signal, preventAbort: true }).catch(() => undefined);
    ending.abort();
    await writable.close().catch(() => undefined);
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      await scheduler.wait(CHECK_EVERY_MS);
      if (!ending.signal.aborted && (await isOver())) ending.abort();
    }
  }

  void pass();
  void watch();
  return readable;
}
