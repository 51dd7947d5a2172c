import { createExecutionContext, createMessageBatch, getQueueResult, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { EventsWaiting, Settlement } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { createLogger } from "../../../shared/log.ts";
import audit from "../../../workers/audit/src/index.ts";
import { pullEvents, TAKE_MAX } from "../../../workers/audit/src/pull-events.ts";
import { env, eventOf, eventsOf, idsOf, logOf } from "./support.ts";

function batchOf(...bodies: unknown[]) {
  const messages = bodies.map((body, i) => ({ id: `m${i}`, timestamp: new Date(), attempts: i + 1, body }));
  return createMessageBatch("halftone-events", messages);
}

async function consume(batch: MessageBatch) {
  const ctx = createExecutionContext();
  await audit.queue(batch, env);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, ctx);
  return { acked: explicitAcks.sort(), retried: retryMessages.map((message) => message.msgId) };
}

function homeOfAuth(object: string): EventsWaiting {
  return { service: "auth", object };
}

/** The ids in an account's log, first entry first. */
function loggedIds(account: string): Promise<string[]> {
  return runInDurableObject(logOf(account), (_log, state) => {
    const rows = state.storage.sql.exec<{ id: string }>("SELECT id FROM entry ORDER BY idx").toArray();
    return rows.map((row) => row.id);
  });
}

describe("a message that announces events", () => {
  test("brings all of them into their logs, and only then they leave the outbox", async () => {
    const [home, john, jane] = [newId(), newId(), newId()];
    const events = Array.from({ length: 450 }, (_, i) => eventOf(i % 3 === 0 ? john : jane));
    await env.AUTH_OUTBOX.fill(home, events);
    expect(await consume(batchOf(homeOfAuth(home)))).toEqual({ acked: ["m0"], retried: [] });
    expect(await loggedIds(john)).toEqual(idsOf(events.filter((event) => event.account === john)));
    expect(await loggedIds(jane)).toEqual(idsOf(events.filter((event) => event.account === jane)));
    expect(await env.AUTH_OUTBOX.look(home)).toEqual({ waiting: [], refused: [] });
  });

  test("may come many times, at once and again: a thousand events arrive once", async () => {
    const [home, account] = [newId(), newId()];
    const events = eventsOf(account, 1_000);
    await env.AUTH_OUTBOX.fill(home, events);
    const nudge = homeOfAuth(home);
    await Promise.all([consume(batchOf(nudge, nudge)), consume(batchOf(nudge))]);
    expect(await consume(batchOf(nudge))).toEqual({ acked: ["m0"], retried: [] });
    expect(await loggedIds(account)).toEqual(idsOf(events));
  });

  test("is dropped when it cannot be read, and its neighbours pass", async () => {
    const [home, account] = [newId(), newId()];
    await env.AUTH_OUTBOX.fill(home, eventsOf(account, 1));
    const batch = batchOf("nonsense", { service: "bank", object: null }, homeOfAuth(home));
    expect(await consume(batch)).toEqual({ acked: ["m0", "m1", "m2"], retried: [] });
    expect(await loggedIds(account)).toHaveLength(1);
  });
});

describe("an event that cannot be logged", () => {
  test("goes back to its outbox with the reason, and its neighbours pass", async () => {
    const [home, account] = [newId(), newId()];
    const [good, bad, nameless] = [eventOf(account), eventOf(account), eventOf("")];
    bad.sequence = 0;
    await env.AUTH_OUTBOX.fill(home, [bad, nameless, good]);
    expect(await consume(batchOf(homeOfAuth(home)))).toEqual({ acked: ["m0"], retried: [] });
    expect(await loggedIds(account)).toEqual([good.id]);
    const { waiting, refused } = await env.AUTH_OUTBOX.look(home);
    expect(waiting).toEqual([]);
    expect(new Map(refused.map(({ id, reason }) => [id, reason]))).toEqual(
      new Map([
        [bad.id, expect.stringContaining("sequence:")],
        [nameless.id, "account: names no log"],
      ]),
    );
  });
});

describe("an outage", () => {
  test("of one service's outbox retries its message and settles nothing; other services go on", async () => {
    const [home, account] = [newId(), newId()];
    const [late, fine] = [eventsOf(account, 3), eventsOf(account, 2)];
    await env.AUTH_OUTBOX.fill(home, late);
    await env.AUTH_OUTBOX.setAway(home, true);
    await env.ORDERS_OUTBOX.fill(home, fine);
    const batch = batchOf(homeOfAuth(home), { service: "orders", object: home });
    expect(await consume(batch)).toEqual({ acked: ["m1"], retried: ["m0"] });
    expect(await loggedIds(account)).toEqual(idsOf(fine));
    expect((await env.AUTH_OUTBOX.look(home)).waiting).toEqual(idsOf(late));

    await env.AUTH_OUTBOX.setAway(home, false);
    await consume(batchOf(homeOfAuth(home)));
    expect(await loggedIds(account)).toEqual(idsOf([...fine, ...late]));
  });

  test("keeps one message for each home and waits longer each time, up to a minute", async () => {
    const home = newId();
    await env.AUTH_OUTBOX.setAway(home, true);
    for (const [attempts, delaySeconds] of [
      [1, 2],
      [3, 8],
      [12, 60],
    ] as const) {
      const message = { id: "old", timestamp: new Date(), attempts, body: homeOfAuth(home) };
      const batch = createMessageBatch("halftone-events", [{ ...message, id: "new", attempts: 1 }, message]);
      const retry = vi.spyOn(batch.messages[attempts === 1 ? 0 : 1]!, "retry");
      expect((await consume(batch)).retried).toHaveLength(1);
      expect(retry).toHaveBeenCalledWith({ delaySeconds });
    }
  });

  test("of one account's log leaves that account's events waiting and stops no other account", async () => {
    const [home, broken, healthy] = [newId(), newId(), newId()];
    const events = Array.from({ length: 500 }, (_, i) => eventOf(i % 100 === 0 ? broken : healthy));
    await env.AUTH_OUTBOX.fill(home, events);
    expect(await pullWith({ brokenLog: broken }, home)).toBe("log_away");
    expect(await loggedIds(healthy)).toEqual(idsOf(events.filter((event) => event.account === healthy)));
    const ofBroken = idsOf(events.filter((event) => event.account === broken));
    expect((await env.AUTH_OUTBOX.look(home)).waiting).toEqual(ofBroken);

    expect(await pullWith({}, home)).toBe("drained");
    expect(await loggedIds(broken)).toEqual(ofBroken);
  });

  test("of the only account's log ends the visit: the same events are not asked for again", async () => {
    const events = eventsOf(newId(), TAKE_MAX);
    const takeEvents = vi.fn(async () => events);
    const append = () => Promise.reject(new Error("The log is away."));
    expect(await pullEvents({ takeEvents, append, log: createLogger(env) }, null)).toBe("log_away");
    expect(takeEvents).toHaveBeenCalledTimes(1);
  });
});

describe("a home that is never empty", () => {
  test("is left after a bounded number of takes, everything of them settled", async () => {
    const taken: DomainEvent[] = [];
    const settled: string[] = [];
    const outcome = await pullEvents(
      {
        takeEvents: async (_object, { appended }, limit) => {
          settled.push(...appended);
          const events = eventsOf("somebody", limit);
          taken.push(...events);
          return events;
        },
        append: async (_account, events): Promise<Settlement> => ({ appended: idsOf(events), refused: [] }),
        log: createLogger(env),
      },
      null,
    );
    expect(outcome).toBe("more_waiting");
    expect(settled).toEqual(idsOf(taken));
  });

  test("is announced again by a new message", async () => {
    const [home, account] = [newId(), newId()];
    await env.AUTH_OUTBOX.fill(home, eventsOf(account, 5_100));
    const send = vi.fn(async (_waiting: EventsWaiting) => undefined);
    const batch = batchOf(homeOfAuth(home));
    await audit.queue(batch, { ...env, EVENTS: { send } as unknown as typeof env.EVENTS });
    expect(send.mock.calls).toEqual([[homeOfAuth(home)]]);
    expect((await env.AUTH_OUTBOX.look(home)).waiting).toHaveLength(100);
  });
});

/** Pulls from auth into the real logs; a broken one answers no call. */
function pullWith({ brokenLog }: { brokenLog?: string }, home: string) {
  const deps = {
    takeEvents: (object: string | null, settlement: Settlement, limit: number) =>
      env.AUTH_OUTBOX.takeEvents(object, settlement, limit),
    append: async (account: string, events: DomainEvent[]) => {
      if (account === brokenLog) throw new Error("The log is away.");
      return logOf(account).append(events);
    },
    log: createLogger(env),
  };
  return pullEvents(deps, home);
}
