import { describeError, type Logger } from "../../../../shared/log.ts";
import type { AskedAuth } from "./ask-auth.ts";
import type { EndedSessionList } from "./ended-sessions.do.ts";

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

/** Where the list comes from. */
export interface ListSources {
  auth: Pick<AskedAuth, "revocations">;
  /** What earlier isolates have read, null when none has. */
  recall(): Promise<EndedSessionList | null>;
  /** Keeps what is new for later isolates. Waited for by nobody. */
  keep(read: EndedSessionList): void;
}

/**
 * Whether a session or key is on the published list of those that were ended. While auth is away the last list counts,
 * so that the other services go on; nobody can end a session meanwhile. An isolate that starts then goes on with what
 * others have read. Throws when nobody has read a list yet.
 */
export async function isRevoked(
  sources: ListSources,
  sessionId: string,
  log: Logger,
  now = Date.now(),
): Promise<boolean> {
  const list = await currentList(sources, log, now);
  return list.ids.has(sessionId);
}

async function currentList(sources: ListSources, log: Logger, now: number): Promise<RevokedSessions> {
  const known = held;
  if (known === null) return firstList(sources, log, now);
  const isUsable = now - known.readAt < USABLE_MS || known.authIsAway;
  if (now < known.nextAskAt && isUsable) return known;
  known.nextAskAt = now + ASK_EVERY_MS;
  try {
    return await readOn(sources, now - known.begunAt < REREAD_MS ? known : emptyList(now), now);
  } catch (error) {
    return goOnWith(known, log, error);
  }
}

/** An isolate begins where others are, which spares auth the whole list. */
async function firstList(sources: ListSources, log: Logger, now: number): Promise<RevokedSessions> {
  const kept = await recallList(sources, log);
  const list = emptyList(now);
  for (const { sessionId } of kept?.revocations ?? []) list.ids.add(sessionId);
  list.cursor = kept?.cursor ?? 0;
  try {
    return await readOn(sources, list, now);
  } catch (error) {
    if (kept === null) throw error;
    held ??= list;
    return goOnWith(held, log, error);
  }
}

async function recallList(sources: ListSources, log: Logger): Promise<EndedSessionList | null> {
  try {
    return await sources.recall();
  } catch (error) {
    log.error("ended sessions not recalled", { error: describeError(error) });
    return null;
  }
}

function goOnWith(list: RevokedSessions, log: Logger, error: unknown): RevokedSessions {
  log.error("revocations not read", { error: describeError(error) });
  list.authIsAway = true;
  return list;
}

function emptyList(now: number): RevokedSessions {
  return { ids: new Set(), cursor: 0, begunAt: now, readAt: now, nextAskAt: now + ASK_EVERY_MS, authIsAway: false };
}

/** Reads on until nothing new comes. The list becomes the isolate's when it is whole. */
async function readOn({ auth, keep }: ListSources, list: RevokedSessions, now: number): Promise<RevokedSessions> {
  const fresh: EndedSessionList["revocations"] = [];
  const before = held?.ids ?? list.ids;
  for (;;) {
    const page = await auth.revocations(list.cursor);
    for (const revocation of page.revocations) {
      if (!before.has(revocation.sessionId)) fresh.push(revocation);
      list.ids.add(revocation.sessionId);
    }
    if (page.cursor <= list.cursor) break;
    list.cursor = page.cursor;
  }
  list.readAt = Math.max(list.readAt, now);
  list.authIsAway = false;
  const isFirst = held === null;
  if (isFirst || fresh.length > 0) keep({ revocations: fresh, cursor: list.cursor });
  if (held === null || list.begunAt >= held.begunAt) held = list;
  return list;
}
