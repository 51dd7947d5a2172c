import type { ObjectOutbox } from "../../../../shared/outbox/object-store.ts";
import { type Env, readSettings } from "../env.ts";
import { longestTokenLifeMs } from "../signing/token-lives.ts";
import { RevocationsRepo } from "./revocations.repo.ts";
import { REVOCATIONS } from "./session-journal.ts";

/** D1 binds at most 100 values in a statement, and a row takes two. */
const ROWS_PER_BATCH = 45;

/** Puts the ended sessions that wait in an object's outbox on the published list. Doing it twice changes nothing. */
export async function publishRevocations(outbox: ObjectOutbox, env: Env): Promise<void> {
  const lifeMs = longestTokenLifeMs(readSettings(env));
  const list = new RevocationsRepo(env.DB);
  for (;;) {
    const ends = outbox.next(REVOCATIONS, ROWS_PER_BATCH);
    if (ends.length === 0) return;
    const ended = ends.map((end) => ({ sessionId: end.resource, until: Date.parse(end.occurredAt) + lifeMs }));
    await list.publish(ended, Date.now());
    outbox.settle(REVOCATIONS, { appended: ends.map(({ id }) => id), refused: [] });
  }
}
