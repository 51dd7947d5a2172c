import type { AuthApi } from "../../../shared/contracts/rpc.ts";
import { describeError, type Logger } from "../../../shared/log.ts";

/** One request in this time asks for what is new; the others go on with the list there is. */
const ASK_EVERY_MS = 2_000;
/** An older list is not gone on with while auth answers: so a revoked session is dead within 5 s (C5). */
const USABLE_MS = 3_500;
/** The whole list is read again now and then: that forgets what has run out, and survives a restored database. */
const REREAD_MS = 600_000;

interface RevokedSessions {
  ids: Set<string>;
  cursor: number;
  /** Unix milliseconds: when its first page was read, when its last one was, and when the next may be asked for. */
  begunAt: number;
  readAt: number;
  nextAskAt: number;
  /** Whether auth failed when it was asked last. */
  authIsAway: boolean;
}

/** This isolate's copy of the published list. A value, never a shared promise: no request waits for another's call. */
let held: RevokedSessions | null = null;

type Published = Pick<AuthApi, "revocations">;

/**
 * Whether a session or key is on the published list of those that were ended. While auth is away the last list counts,
 * so that the other services go on; nobody can end a session meanwhile. Throws when there is no list yet.
 */
export async function isRevoked(auth: Published, sessionId: string, log: Logger, now = Date.now()): Promise<boolean> {
  const list = await currentList(auth, log, now);
  return list.ids.has(sessionId);
}

async function currentList(auth: Published, log: Logger, now: number): Promise<RevokedSessions> {
  const known = held;
  if (known === null) return readOn(auth, emptyList(now), now);
  const isUsable = now - known.readAt < USABLE_MS || known.authIsAway;
  if (now < known.nextAskAt && isUsable) return known;
  known.nextAskAt = now + ASK_EVERY_MS;
  try {
    return await readOn(auth, now - known.begunAt < REREAD_MS ? known : emptyList(now), now);
  } catch (error) {
    log.error("revocations not read", { error: describeError(error) });
    known.authIsAway = true;
    return known;
  }
}

function emptyList(now: number): RevokedSessions {
  return { ids: new Set(), cursor: 0, begunAt: now, readAt: now, nextAskAt: now + ASK_EVERY_MS, authIsAway: false };
}

/** Reads on until nothing new comes. The list becomes the isolate's when it is whole. */
async function readOn(auth: Published, list: RevokedSessions, now: number): Promise<RevokedSessions> {
  for (;;) {
    const page = await auth.revocations(list.cursor);
    for (const { sessionId } of page.revocations) list.ids.add(sessionId);
    if (page.cursor <= list.cursor) break;
    list.cursor = page.cursor;
  }
  list.readAt = Math.max(list.readAt, now);
  list.authIsAway = false;
  if (held === null || list.begunAt >= held.begunAt) held = list;
  return list;
}
