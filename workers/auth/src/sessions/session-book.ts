import { newId } from "../../../../shared/ids.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { SessionJournal } from "./session-journal.ts";
import {
  ABSOLUTE_LIFETIME_MS,
  idleExpiry,
  isLive,
  judgeRefresh,
  LIVE_SESSIONS_MAX,
  type RevokeReason,
  SEEN_EVERY_MS,
  type Session,
  type SessionMethod,
} from "./session-rules.ts";
import type { SessionsRepo } from "./sessions.repo.ts";

/** A session and the generation of its refresh token that is good now. */
export interface OpenedSession {
  sessionId: string;
  counter: number;
}

/**
 * What happens to the sessions of one user. Every method writes its rows and their events without awaiting in between:
 * inside the object that is one transaction.
 */
export class SessionBook {
  readonly #sessions: SessionsRepo;
  readonly #journal: SessionJournal;
  readonly #idleMs: () => number;

  /** @param idleMs how long a session lives unused, in milliseconds; asked at each use, because a setting can be wrong */
  constructor(sessions: SessionsRepo, journal: SessionJournal, idleMs: () => number) {
    this.#sessions = sessions;
    this.#journal = journal;
    this.#idleMs = idleMs;
  }

  /** @param secretHash what the cookie's secret hashes to; null for a session that lives by tokens */
  open(method: SessionMethod, secretHash: string | null, origin: EventOrigin, now: number): OpenedSession {
    this.#sessions.deleteExpired(now);
    this.#makeRoom(origin, now);
    const absoluteExpiresAt = now + ABSOLUTE_LIFETIME_MS;
    const session: Session = {
      id: newId(now),
      kind: secretHash === null ? "session" : "cookie",
      createdAt: now,
      lastSeenAt: now,
      counter: 1,
      rotatedAt: null,
      idleExpiresAt: idleExpiry(now, this.#idleMs(), absoluteExpiresAt),
      absoluteExpiresAt,
      revokedAt: null,
      revokeReason: null,
      ip: origin.ip,
      userAgent: origin.userAgent,
      method,
      secretHash,
    };
    this.#sessions.insert(session);
    const { id, counter, kind } = session;
    this.#journal.record(
      { type: "session.opened", resource: id, sequence: 1, metadata: { method, kind } },
      origin,
      now,
    );
    return { sessionId: id, counter };
  }

  /**
   * Trades a generation of a session's refresh token for the next one. Only genuine tokens may come here: a generation
   * that is neither the current nor, for a few seconds, the one before it ends the session.
   */
  rotate(
    sessionId: string,
    counter: number,
    origin: EventOrigin,
    now: number,
  ): Result<OpenedSession, "invalid_refresh_token"> {
    const session = this.#sessions.find(sessionId);
    if (session === null) return fail("invalid_refresh_token", "This session has ended.");
    switch (judgeRefresh(session, counter, now)) {
      case "over":
        return fail("invalid_refresh_token", "This session has ended.");
      case "repeat":
        return ok({ sessionId, counter: session.counter });
      case "reused":
        this.#revoke(session, "refresh_token_reused", origin, now);
        return fail("invalid_refresh_token", "This refresh token was used before, so its session has been ended.");
      case "rotate":
        return ok(this.#advance(session, origin, now));
    }
  }

  /** Whether a cookie's secret opens this session. Comparing hashes gives nothing away by its time. */
  admitsCookie(sessionId: string, secretHash: string, now: number): boolean {
    const session = this.#sessions.find(sessionId);
    return session !== null && isLive(session, now) && session.secretHash === secretHash;
  }

  isLive(sessionId: string, now: number): boolean {
    const session = this.#sessions.find(sessionId);
    return session !== null && isLive(session, now);
  }

  /** Notes that a live session is in use, which prolongs it. @returns until when; null for one that is over */
  touch(sessionId: string, now: number): number | null {
    const session = this.#sessions.find(sessionId);
    if (session === null || !isLive(session, now)) return null;
    if (now - session.lastSeenAt < SEEN_EVERY_MS) return session.idleExpiresAt;
    const idleExpiresAt = idleExpiry(now, this.#idleMs(), session.absoluteExpiresAt);
    this.#sessions.see(sessionId, now, idleExpiresAt);
    return idleExpiresAt;
  }

  /** The live sessions, oldest first. */
  live(now: number): Session[] {
    return this.#sessions.live(now);
  }

  lastSeenAt(): number | null {
    return this.#sessions.lastSeenAt();
  }

  /** Ends a live session. @returns false when there is none of this id. */
  end(sessionId: string, reason: RevokeReason, origin: EventOrigin, now: number): boolean {
    const session = this.#sessions.find(sessionId);
    if (session === null || !isLive(session, now)) return false;
    this.#revoke(session, reason, origin, now);
    return true;
  }

  /** Ends all live sessions. @param except the one that stays, if any. @returns how many were ended. */
  endAll(reason: RevokeReason, origin: EventOrigin, now: number, except: string | null = null): number {
    const ending = this.#sessions.live(now).filter(({ id }) => id !== except);
    for (const session of ending) this.#revoke(session, reason, origin, now);
    return ending.length;
  }

  /** Ends everything and forgets it. What was recorded is still delivered. */
  erase(origin: EventOrigin, now: number): void {
    this.endAll("account_erased", origin, now);
    this.#sessions.deleteAll();
  }

  #advance(session: Session, origin: EventOrigin, now: number): OpenedSession {
    const next = session.counter + 1;
    const idleExpiresAt = idleExpiry(now, this.#idleMs(), session.absoluteExpiresAt);
    this.#sessions.rotate(session.id, next, now, idleExpiresAt);
    this.#journal.record({ type: "session.refreshed", resource: session.id, sequence: next }, origin, now);
    return { sessionId: session.id, counter: next };
  }

  /** Ends the oldest sessions so that one more keeps within the limit. */
  #makeRoom(origin: EventOrigin, now: number): void {
    const live = this.#sessions.live(now);
    const surplus = live.slice(0, Math.max(0, live.length - LIVE_SESSIONS_MAX + 1));
    for (const session of surplus) this.#revoke(session, "session_limit", origin, now);
  }

  /** A session's events count with its refresh tokens; its end, which comes once, counts one further. */
  #revoke(session: Session, reason: RevokeReason, origin: EventOrigin, now: number): void {
    this.#sessions.revoke(session.id, reason, now);
    const sequence = session.counter + 1;
    const fact = { type: "session.revoked", resource: session.id, sequence, metadata: { reason } } as const;
    this.#journal.recordEnd(fact, origin, now);
  }
}
