import { DurableObject } from "cloudflare:workers";
import type { DomainEvent, EventType, JsonValue } from "../../../shared/contracts/events.ts";
import type { Settlement } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { type EventOrigin, newEvent } from "../../../shared/outbox/event.ts";
import { ObjectOutbox } from "../../../shared/outbox/object-store.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import { type Env, readSettings } from "./env.ts";
import {
  ABSOLUTE_LIFETIME_MS,
  idleExpiry,
  judgeRefresh,
  LIVE_SESSIONS_MAX,
  type RevokeReason,
  type Session,
  type SessionMethod,
} from "./session-rules.ts";
import { SessionsRepo } from "./sessions.repo.ts";

const AUDIT = "audit";
/** Under this key the object keeps whose sessions it holds: an alarm does not tell it. */
const OWNER = "owner";

/** A session and the generation of its refresh token that is good now. */
export interface OpenedSession {
  sessionId: string;
  counter: number;
}

/**
 * All sessions of one user and the only writer of them, so that of any number of simultaneous refreshes one rotates.
 * Every method writes its rows and their event without awaiting in between: they are one transaction.
 */
export class UserSessions extends DurableObject<Env> {
  readonly #sessions: SessionsRepo;
  readonly #outbox: ObjectOutbox;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sessions = new SessionsRepo(ctx.storage.sql);
    this.#outbox = new ObjectOutbox(ctx, env, () => this.#announce());
  }

  /** Opens a session for the user that this object is named after. */
  open(userId: string, method: SessionMethod, origin: EventOrigin, now = Date.now()): OpenedSession {
    this.ctx.storage.kv.put(OWNER, userId);
    this.#sessions.deleteExpired(now);
    this.#makeRoom(origin, now);
    const absoluteExpiresAt = now + ABSOLUTE_LIFETIME_MS;
    const session: Session = {
      id: newId(now),
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
    };
    this.#sessions.insert(session);
    this.#record("session.opened", session, session.counter, origin, now, { method });
    this.#outbox.flush();
    return { sessionId: session.id, counter: session.counter };
  }

  /**
   * Trades a generation of a session's refresh token for the next one. Only genuine tokens may come here: a generation
   * that is neither the current nor, for a few seconds, the one before it ends the session.
   */
  rotate(
    sessionId: string,
    counter: number,
    origin: EventOrigin,
    now = Date.now(),
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
        this.#outbox.flush();
        return fail("invalid_refresh_token", "This refresh token was used before, so its session has been ended.");
      case "rotate":
        return ok(this.#advance(session, origin, now));
    }
  }

  /** This object's side of `OutboxApi.takeEvents`. */
  takeEvents(settlement: Settlement, limit: number): DomainEvent[] {
    this.#outbox.settle(AUDIT, settlement);
    return limit > 0 ? this.#outbox.next(AUDIT, limit) : [];
  }

  override async alarm(): Promise<void> {
    await this.#outbox.alarm();
  }

  #advance(session: Session, origin: EventOrigin, now: number): OpenedSession {
    const next = session.counter + 1;
    const idleExpiresAt = idleExpiry(now, this.#idleMs(), session.absoluteExpiresAt);
    this.#sessions.rotate(session.id, next, now, idleExpiresAt);
    this.#record("session.refreshed", session, next, origin, now);
    this.#outbox.flush();
    return { sessionId: session.id, counter: next };
  }

  /** Ends the oldest sessions so that one more keeps within the limit. */
  #makeRoom(origin: EventOrigin, now: number): void {
    const live = this.#sessions.live(now);
    const surplus = live.slice(0, Math.max(0, live.length - LIVE_SESSIONS_MAX + 1));
    for (const session of surplus) this.#revoke(session, "session_limit", origin, now);
  }

  #revoke(session: Session, reason: RevokeReason, origin: EventOrigin, now: number): void {
    this.#sessions.revoke(session.id, reason, now);
    this.#record("session.revoked", session, session.counter + 1, origin, now, { reason });
  }

  /** A session's events count with its refresh tokens; its end, which comes once, counts one further. */
  #record(
    type: EventType,
    session: Session,
    sequence: number,
    origin: EventOrigin,
    now: number,
    metadata: Record<string, JsonValue> = {},
  ): void {
    const account = this.#owner();
    const actor = { ...origin, userId: account, sessionId: session.id };
    this.#outbox.add(AUDIT, newEvent(actor, { type, account, resource: session.id, sequence, metadata }, now));
  }

  /** Tells audit that this object holds events. */
  async #announce(): Promise<void> {
    await this.env.EVENTS.send({ service: "auth", object: this.#owner() });
  }

  #owner(): string {
    const owner = this.ctx.storage.kv.get<string>(OWNER);
    if (owner === undefined) throw new Error("these sessions have no owner");
    return owner;
  }

  #idleMs(): number {
    return readSettings(this.env).JWT_REFRESH_EXPIRE;
  }
}
