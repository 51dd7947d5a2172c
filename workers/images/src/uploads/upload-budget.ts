/** What one isolate of 128 MB may hold of uploads that cannot be streamed (C31). */
export const BUFFERED_BYTES_MAX = 48 * 1024 * 1024;
/** A reservation without a sign of life for this long belongs to an invocation that was cancelled. */
const EXPIRES_AFTER_MS = 60_000;

export interface Reservation {
  /** Says that the upload still moves. */
  touch(): void;
  release(): void;
}

/**
 * Counts the bytes that uploads hold in memory. Who does not fit is told at once to come back: nobody waits for
 * another invocation's promise, and reservations expire by time, so that a cancelled upload gives back its share.
 */
export class UploadBudget {
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #held = new Map<object, { bytes: number; expiresAt: number }>();

  constructor(maxBytes = BUFFERED_BYTES_MAX, now = Date.now) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /** @returns null when the budget does not have that many bytes left. */
  reserve(bytes: number): Reservation | null {
    this.#dropExpired();
    if (this.#heldBytes() + bytes > this.#maxBytes) return null;
    const held = { bytes, expiresAt: this.#now() + EXPIRES_AFTER_MS };
    const token = {};
    this.#held.set(token, held);
    return {
      touch: () => {
        held.expiresAt = this.#now() + EXPIRES_AFTER_MS;
      },
      release: () => {
        this.#held.delete(token);
      },
    };
  }

  #heldBytes(): number {
    let bytes = 0;
    for (const held of this.#held.values()) bytes += held.bytes;
    return bytes;
  }

  #dropExpired(): void {
    const now = this.#now();
    for (const [token, held] of this.#held) {
      if (held.expiresAt <= now) this.#held.delete(token);
    }
  }
}

/** Shared by all uploads of this isolate, whatever door they come by. */
export const uploadBudget = new UploadBudget();
