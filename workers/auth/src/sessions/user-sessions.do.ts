import { DurableObject } from "cloudflare:workers";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Settlement } from "../../../../shared/contracts/rpc.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { ObjectOutbox, SET_ASIDE } from "../../../../shared/outbox/object-store.ts";
import type { Result } from "../../../../shared/result.ts";
import { type ApiKey, ApiKeysRepo } from "../api-keys/api-keys.repo.ts";
import { KeyBook, type KeyDraft } from "../api-keys/key-book.ts";
import { type Env, readSettings } from "../env.ts";
import { keepSetAside } from "./keep-set-aside.ts";
import { publishRevocations } from "./revocations.ts";
import { type OpenedSession, SessionBook } from "./session-book.ts";
import { AUDIT, REVOCATIONS, SessionJournal } from "./session-journal.ts";
import type { RevokeReason, Session, SessionMethod } from "./session-rules.ts";
import { SessionsRepo } from "./sessions.repo.ts";

/**
 * All sessions of one user and the only writer of them, so that of any number of simultaneous refreshes one rotates.
 * Nothing is awaited between a row and its event: they are one transaction.
 */
export class UserSessions extends DurableObject<Env> {
  readonly #outbox: ObjectOutbox;
  readonly #journal: SessionJournal;
  readonly #book: SessionBook;
  readonly #keys: KeyBook;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#outbox = new ObjectOutbox(ctx, env, (topic) => this.#deliver(topic));
    this.#journal = new SessionJournal(ctx.storage.kv, this.#outbox);
    this.#book = new SessionBook(
      new SessionsRepo(ctx.storage.sql),
      this.#journal,
      () => readSettings(env).JWT_REFRESH_EXPIRE,
    );
    this.#keys = new KeyBook(new ApiKeysRepo(ctx.storage.sql), this.#journal);
  }

  /** Opens a session that lives by tokens, for the user that this object is named after. */
  open(userId: string, method: SessionMethod, origin: EventOrigin, now = Date.now()): OpenedSession {
    this.#journal.belongTo(userId);
    const opened = this.#book.open(method, null, origin, now);
    this.#journal.flush();
    return opened;
  }

  /** Opens a session that lives by a cookie, whose secret hashes to `secretHash`. */
  openCookie(
    userId: string,
    method: SessionMethod,
    secretHash: string,
    origin: EventOrigin,
    now = Date.now(),
  ): OpenedSession {
    this.#journal.belongTo(userId);
    const opened = this.#book.open(method, secretHash, origin, now);
    this.#journal.flush();
    return opened;
  }

  rotate(
    sessionId: string,
    counter: number,
    origin: EventOrigin,
    now = Date.now(),
  ): Result<OpenedSession, "invalid_refresh_token"> {
    const rotated = this.#book.rotate(sessionId, counter, origin, now);
    this.#journal.flush();
    return rotated;
  }

  /**
   * Opens a session by its cookie's secret, which counts as being seen.
   * @returns until when it lives if it is not seen again, Unix milliseconds; null where the secret opens nothing
   */
  useCookie(sessionId: string, secretHash: string, now = Date.now()): number | null {
    return this.#book.admitsCookie(sessionId, secretHash, now) ? this.#book.touch(sessionId, now) : null;
  }

  touch(sessionId: string, now = Date.now()): void {
    this.#book.touch(sessionId, now);
  }

  isLive(sessionId: string, now = Date.now()): boolean {
    return this.#book.isLive(sessionId, now) || this.#keys.isLive(sessionId, now);
  }

  /** The live sessions, oldest first. */
  live(now = Date.now()): Session[] {
    return this.#book.live(now);
  }

  /** When the user was seen last (Unix milliseconds), null when never. */
  lastSeenAt(): number | null {
    return this.#book.lastSeenAt();
  }

  /** Ends a live session and publishes it. Answers false when there is none of this id. */
  async end(sessionId: string, reason: RevokeReason, origin: EventOrigin, now = Date.now()): Promise<boolean> {
    const hasEnded = this.#book.end(sessionId, reason, origin, now);
    await this.#journal.publish();
    return hasEnded;
  }

  /** Ends all live sessions but one, if that is named, and publishes it. Answers how many were ended. */
  async endAll(
    reason: RevokeReason,
    origin: EventOrigin,
    except: string | null = null,
    now = Date.now(),
  ): Promise<number> {
    const ended = this.#book.endAll(reason, origin, now, except);
    await this.#journal.publish();
    return ended;
  }

  /** Ends and forgets everything, for somebody whose account is erased. */
  async erase(origin: EventOrigin, now = Date.now()): Promise<void> {
    this.#book.erase(origin, now);
    this.#keys.erase(origin, now);
    await this.#journal.publish();
  }

  createKey(userId: string, draft: KeyDraft, origin: EventOrigin, now = Date.now()): Result<ApiKey, "limit_reached"> {
    this.#journal.belongTo(userId);
    const created = this.#keys.create(draft, origin, now);
    this.#journal.flush();
    return created;
  }

  /** The keys, newest first. */
  keys(): ApiKey[] {
    return this.#keys.list();
  }

  key(keyId: string): ApiKey | null {
    return this.#keys.find(keyId);
  }

  /** The live key that this secret opens, which counts as being used; null when it opens none. */
  admitKey(keyId: string, secretHash: string, now = Date.now()): ApiKey | null {
    return this.#keys.admit(keyId, secretHash, now);
  }

  /** Notes the nonce of a signed request until a time (Unix milliseconds). Answers false when it came before. */
  spendNonce(keyId: string, nonce: string, until: number, now = Date.now()): boolean {
    return this.#keys.spendNonce(keyId, nonce, until, now);
  }

  /** Ends a key and publishes it. Answers false when there is none of this id. */
  async endKey(keyId: string, origin: EventOrigin, now = Date.now()): Promise<boolean> {
    const hasEnded = this.#keys.end(keyId, "ended_by_user", origin, now);
    await this.#journal.publish();
    return hasEnded;
  }

  /** This object's side of `OutboxApi.takeEvents`. */
  takeEvents(settlement: Settlement, limit: number): DomainEvent[] {
    this.#outbox.settle(AUDIT, settlement);
    return limit > 0 ? this.#outbox.next(AUDIT, limit) : [];
  }

  override async alarm(): Promise<void> {
    await this.#outbox.alarm();
  }

  /** Tells audit that this object holds events, puts ended sessions on the published list, and refused events where they are seen. */
  async #deliver(topic: string): Promise<void> {
    if (topic === REVOCATIONS) return publishRevocations(this.#outbox, this.env);
    if (topic === SET_ASIDE) return keepSetAside(this.#outbox, this.env.DB);
    await this.env.EVENTS.send({ service: "auth", object: this.#journal.owner() });
  }
}
