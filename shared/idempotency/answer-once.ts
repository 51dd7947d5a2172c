import { toHex } from "../hex.ts";
import type { Actor } from "../http/identity.ts";
import { refuse } from "../http/problem.ts";
import { newId } from "../ids.ts";
import { describeError, type Logger } from "../log.ts";
import { IdempotencyKeysRepo } from "./keys.repo.ts";
import type { HeldKey, KeptAnswer, StoredKey } from "./schema.ts";

const HEADER = "Idempotency-Key";
const KEY_MAX = 255;
const RETRY_AFTER_SECONDS = 1;

/** How the routes that heed a key describe it and what they answer. */
export const READS_KEY = {
  [HEADER]: "of your choice: whoever repeats it within 24 hours is answered as the first time",
};
export const TELLS_REPLAY = "Idempotent-Replayed";

/** A JSON answer that can be given again. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** How the answers of a route are kept, where a copy of the database must not tell them. */
export interface AnswerSeal {
  seal(key: HeldKey, body: string): Promise<string>;
  /** Null for what was sealed with a secret that is not known any more. */
  open(key: HeldKey, sealed: string): Promise<string | null>;
}

type FindFingerprint = () => Promise<string | Response>;

interface OnceOptions {
  /** Which use case, under whatever path. */
  route: string;
  /** All that was sent; where it is not read yet, how to find out its fingerprint, or why it cannot be read. */
  sent: { content: unknown } | FindFingerprint;
  seal?: AnswerSeal | undefined;
}

/** What a request is answered under its key. */
export interface Attempt {
  /**
   * Makes an answer one that is kept with what it tells of; null where the request has no key.
   * @param fingerprint of all that was sent, where it was not known before
   */
  keep(answer: Answer, fingerprint?: string): Promise<KeptAnswer | null>;
}

/** The part of a request that this works with. */
interface OnceContext {
  env: { DB: D1Database };
  req: { header(name: string): string | undefined };
  var: { requestId: string; log: Logger; actor: Actor };
}

/**
 * Does something once for each `Idempotency-Key` of a user: the first request does it, whoever repeats it gets the first
 * answer (Stripe's rules). The key is claimed first, and its answer becomes true in the batch of the rows that it tells
 * of: a kill before leaves a lease that runs out, one after leaves the answer. What was refused wrote nothing, so it gives
 * its key back.
 */
export async function answerOnce(
  c: OnceContext,
  { route, sent, seal }: OnceOptions,
  work: (attempt: Attempt) => Promise<Response>,
): Promise<Response> {
  const key = c.req.header(HEADER);
  if (key === undefined) return work({ keep: async () => null });
  if (key.length === 0 || key.length > KEY_MAX) {
    const errors = [{ path: HEADER, message: `must have 1 to ${KEY_MAX} characters` }];
    return refuse(c, { code: "invalid_request", detail: `The ${HEADER} does not fit: see errors.` }, { errors });
  }
  const keys = new IdempotencyKeysRepo(c.env.DB);
  const fingerprint = typeof sent === "function" ? sent : await fingerprintOf(sent.content);
  const known = typeof fingerprint === "string" ? fingerprint : null;
  const held: HeldKey = { userId: c.var.actor.userId, route, key, fingerprint: known, claim: newId() };
  const claimed = await keys.claim(held, Date.now());
  if (!claimed.isHeld) return answerAgain(c, claimed.stored, { fingerprint, seal });
  return releaseUnlessKept(c, keys, held, () => work(attemptOf(held, seal)));
}

function attemptOf(held: HeldKey, seal: AnswerSeal | undefined): Attempt {
  return {
    async keep({ status, headers, body }, fingerprint = held.fingerprint ?? "") {
      return { held, fingerprint, status, headers, body: seal ? await seal.seal(held, body) : body };
    },
  };
}

/** Deleting finds nothing where an answer was kept, and one that comes too late finds its guard closed. */
async function releaseUnlessKept(
  c: OnceContext,
  keys: IdempotencyKeysRepo,
  held: HeldKey,
  work: () => Promise<Response>,
): Promise<Response> {
  let isDone = false;
  try {
    const answer = await work();
    isDone = answer.ok;
    return answer;
  } finally {
    if (!isDone) await keys.release(held).catch((error) => c.var.log.warn("key not released", fieldsOf(error)));
  }
}

function fieldsOf(error: unknown) {
  return { error: describeError(error) };
}

/** What is answered under a key that another request holds or has been answered under. */
async function answerAgain(
  c: OnceContext,
  stored: StoredKey,
  { fingerprint, seal }: Pick<OnceOptions, "seal"> & { fingerprint: string | FindFingerprint },
): Promise<Response> {
  const { status, headers, body } = stored;
  const isAnswered = status !== null && body !== null;
  const sent = isAnswered && typeof fingerprint !== "string" ? await fingerprint() : fingerprint;
  if (sent instanceof Response) return sent;
  if (typeof sent === "string" && stored.fingerprint !== null && stored.fingerprint !== sent) return refuseReused(c);
  if (!isAnswered) return refuseInUse(c);
  const opened = seal ? await seal.open(stored, body) : body;
  if (opened === null) return refuse(c, { code: "conflict", detail: "This was done, but its answer cannot be read." });
  return jsonAnswer({ status, headers: { ...headers, [TELLS_REPLAY]: "true" }, body: opened });
}

function refuseReused(c: OnceContext): Response {
  return refuse(c, { code: "key_reused", detail: `This ${HEADER} was sent with something else before.` });
}

export function refuseInUse(c: OnceContext): Response {
  const failure = { code: "key_in_use", detail: `A request with this ${HEADER} is being answered.` } as const;
  return refuse(c, failure, { headers: { "Retry-After": String(RETRY_AFTER_SECONDS) } });
}

export function jsonAnswer({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers: { ...headers, "Content-Type": "application/json" } });
}

const encoder = new TextEncoder();

/** The same for the same content, whatever its length. */
export async function fingerprintOf(content: unknown): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(JSON.stringify(content)));
  return toHex(new Uint8Array(digest));
}
