import type { RelayBindings, RelayObject } from "./relay.do.ts";
import { WATCH_MS } from "./relay.do.ts";

export type RelayStub = Pick<RelayObject<RelayBindings>, "watch" | "nudge">;

/** Runs a D1 batch, which is one transaction, that holds rows and their outbox rows, and sees to their delivery. */
export type Commit = <T>(write: () => Promise<T>) => Promise<T>;

/** The relay of a service is one object under this name. */
export const RELAY_NAME = "relay";

/** Clocks of different machines differ by less than this. */
const CLOCK_MARGIN_MS = 2_000;

/** Commits of one isolate that end within this time share one nudge, as the relay lets their events share one message. */
const GATHER_MS = 10;

/** Until when this isolate knows the relay to be watching (Unix milliseconds). */
let promisedUntil = 0;
/** When this isolate sends its next nudge (Unix milliseconds), which tells of all that is committed before; 0 for none. */
let nudgeDueAt = 0;

/**
 * Writes rows together with their events: arm, commit, nudge. In this order nothing is lost; with the alarm set after
 * the commit, a kill between the two left the event lying until somebody's next request.
 */
export function committer(relay: RelayStub, ctx: Pick<ExecutionContext, "waitUntil">): Commit {
  const writeWatched = watcher(relay);
  return async (write) => {
    const result = await writeWatched(write);
    if (!isNudgeDue(Date.now())) ctx.waitUntil(nudgeSoon(relay));
    return result;
  };
}

function isNudgeDue(now: number): boolean {
  // Further away than that lies no nudge: the clock went back.
  return now < nudgeDueAt && now >= nudgeDueAt - GATHER_MS;
}

/** Only for speed: where this is cut off, the alarm delivers. */
async function nudgeSoon(relay: RelayStub): Promise<void> {
  nudgeDueAt = Date.now() + GATHER_MS;
  await scheduler.wait(GATHER_MS);
  nudgeDueAt = 0;
  await relay.nudge().catch(() => undefined);
}

/** The same without the nudge, for rows that the relay need not look at before its alarm. */
export function watcher(relay: Pick<RelayStub, "watch">): Commit {
  return async (write) => {
    if (Date.now() > promisedUntil - WATCH_MS / 2) promisedUntil = await relay.watch();
    const result = await write();
    // The commit may have outlived the promise it was made under.
    if (Date.now() > promisedUntil - CLOCK_MARGIN_MS) promisedUntil = await relay.watch();
    return result;
  };
}
