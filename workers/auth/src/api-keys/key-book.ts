import { newId } from "../../../../shared/ids.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { SessionJournal } from "../sessions/session-journal.ts";
import { SEEN_EVERY_MS } from "../sessions/session-rules.ts";
import type { ApiKey, ApiKeysRepo } from "./api-keys.repo.ts";

/** Keys of one user. Enough for one per program; a list of them stays one page. */
export const KEYS_MAX = 50;
/** A key that has run out stays in the list for a while, so that its owner sees why a program stopped. */
const EXPIRED_SHOWN_MS = 30 * 86_400_000;

export type KeyDraft = Pick<ApiKey, "name" | "scopes" | "secretHash" | "publicKey" | "expiresAt">;

export type KeyRevokeReason = "ended_by_user" | "account_erased";

/** A key's events are two: made and ended. */
const CREATED_SEQUENCE = 1;
const REVOKED_SEQUENCE = 2;

/** What happens to the API keys of one user. Rows and their events are written without awaiting in between. */
export class KeyBook {
  readonly #keys: ApiKeysRepo;
  readonly #journal: SessionJournal;

  constructor(keys: ApiKeysRepo, journal: SessionJournal) {
    this.#keys = keys;
    this.#journal = journal;
  }

  create(draft: KeyDraft, origin: EventOrigin, now: number): Result<ApiKey, "limit_reached"> {
    this.#keys.deleteExpiredBefore(now - EXPIRED_SHOWN_MS);
    if (this.#keys.list().length >= KEYS_MAX) {
      return fail("limit_reached", `There may be ${KEYS_MAX} keys at once. End one that nobody needs.`);
    }
    const key: ApiKey = { ...draft, id: newId(now), createdAt: now, lastUsedAt: null };
    this.#keys.insert(key);
    const { id, name, scopes, expiresAt, publicKey } = key;
    const metadata = {
      name,
      scopes,
      expiresAt: new Date(expiresAt).toISOString(),
      requireSignature: publicKey !== null,
    };
    this.#journal.record({ type: "key.created", resource: id, sequence: CREATED_SEQUENCE, metadata }, origin, now);
    return ok(key);
  }

  list(): ApiKey[] {
    return this.#keys.list();
  }

  find(id: string): ApiKey | null {
    return this.#keys.find(id);
  }

  isLive(id: string, now: number): boolean {
    const key = this.find(id);
    return key !== null && now < key.expiresAt;
  }

  /** The live key that this secret opens, which counts as being used. Comparing hashes gives nothing away by its time. */
  admit(id: string, secretHash: string, now: number): ApiKey | null {
    const key = this.find(id);
    if (key === null || now >= key.expiresAt || key.secretHash !== secretHash) return null;
    if (now - (key.lastUsedAt ?? 0) >= SEEN_EVERY_MS) this.#keys.see(id, now);
    return key;
  }

  /** Notes the nonce of a signed request. Of any number of requests with one nonce, one gets true. */
  spendNonce(id: string, nonce: string, until: number, now: number): boolean {
    this.#keys.deleteNonces(now);
    return this.#keys.insertNonce(id, nonce, until);
  }

  /** Ends a key: its row goes, its events stay. @returns false when there is none of this id. */
  end(id: string, reason: KeyRevokeReason, origin: EventOrigin, now: number): boolean {
    const key = this.#keys.find(id);
    if (key === null) return false;
    this.#keys.delete(id);
    const metadata = { name: key.name, reason };
    this.#journal.recordEnd({ type: "key.revoked", resource: id, sequence: REVOKED_SEQUENCE, metadata }, origin, now);
    return true;
  }

  /** Ends all keys and forgets them. */
  erase(origin: EventOrigin, now: number): void {
    for (const { id } of this.#keys.list()) this.end(id, "account_erased", origin, now);
    this.#keys.deleteAll();
  }
}
