import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { OutboxApi, Settlement } from "../../../shared/contracts/rpc.ts";
import { describeError, type Logger } from "../../../shared/log.ts";
import { Account } from "./check-event.ts";

export interface PullDeps {
  takeEvents: OutboxApi["takeEvents"];
  /** Appends to one account's log; throws when that log is away. */
  append(account: string, events: DomainEvent[]): Promise<Settlement>;
  log: Logger;
}

/** `more_waiting`: one message's work is done and the home holds more. `log_away`: some account's log did not answer. */
export type PullOutcome = "drained" | "more_waiting" | "log_away";

export const TAKE_MAX = 200;
/** Bounds one message's work to 5,000 events, far below the time a consumer may run. */
const TURNS_MAX = 25;

/**
 * Takes the events of one home into the logs. Each take settles the one before, so an event leaves its home only
 * when it stands in its log. An exception is an outage of the home; what it did not settle is taken again.
 */
export async function pullEvents(deps: PullDeps, object: string | null): Promise<PullOutcome> {
  let settlement: Settlement = { appended: [], refused: [] };
  let isLogAway = false;
  let isDrained = false;
  for (let turn = 0; turn < TURNS_MAX && !isDrained; turn++) {
    const events = await deps.takeEvents(object, settlement, TAKE_MAX);
    const turned = await appendToLogs(deps, events);
    settlement = turned.settlement;
    isLogAway ||= turned.isLogAway;
    // Without anything to settle, the next take would answer the same events once more.
    isDrained = events.length < TAKE_MAX || !settles(settlement);
  }
  if (settles(settlement)) await deps.takeEvents(object, settlement, 0);
  if (isLogAway) return "log_away";
  return isDrained ? "drained" : "more_waiting";
}

function settles({ appended, refused }: Settlement): boolean {
  return appended.length + refused.length > 0;
}

/** Appends each account's events to its log. A log that is away holds up none of the others. */
async function appendToLogs(deps: PullDeps, events: DomainEvent[]) {
  const settlement: Settlement = { appended: [], refused: [] };
  let isLogAway = false;
  const byAccount = Map.groupBy(events, (event) => event.account);
  const appending = [...byAccount].map(async ([account, own]) => {
    try {
      const { appended, refused } = await appendToLog(deps, account, own);
      settlement.appended.push(...appended);
      settlement.refused.push(...refused);
    } catch (error) {
      isLogAway = true;
      deps.log.warn("log away", { account, events: own.length, error: describeError(error) });
    }
  });
  await Promise.all(appending);
  for (const { id, reason } of settlement.refused) deps.log.error("event refused", { id, reason });
  return { settlement, isLogAway };
}

async function appendToLog(deps: PullDeps, account: string, events: DomainEvent[]): Promise<Settlement> {
  if (Account.safeParse(account).success) return deps.append(account, events);
  return { appended: [], refused: events.map(({ id }) => ({ id, reason: "account: names no log" })) };
}
