import { DurableObject } from "cloudflare:workers";
import type { Revocation } from "../../../../shared/contracts/rpc.ts";
import { EndedSessionsRepo } from "./ended-sessions.repo.ts";

/** There is one, under this name. */
export const ENDED_SESSIONS_NAME = "ended-sessions";

/** Part of auth's published list, and the cursor behind it. */
export interface EndedSessionList {
  revocations: Revocation[];
  cursor: number;
}

/**
 * Keeps what the gateway has read of auth's list of ended sessions: an isolate begins with it, and goes on with it
 * while auth is away.
 */
export class EndedSessions extends DurableObject {
  readonly #list = new EndedSessionsRepo(this.ctx.storage.sql);

  /** Adds what an isolate has read. Several isolates bring the same; the furthest cursor counts. */
  keep({ revocations, cursor }: EndedSessionList, now = Date.now()): void {
    this.ctx.storage.transactionSync(() => {
      for (const revocation of revocations) this.#list.insert(revocation);
      this.#list.setCursor(Math.max(cursor, this.#list.cursor() ?? 0));
      this.#list.deleteEnded(now);
    });
  }

  /** All that is kept, null when nothing was read yet. */
  recall(): EndedSessionList | null {
    const cursor = this.#list.cursor();
    return cursor === null ? null : { revocations: this.#list.all(), cursor };
  }
}
