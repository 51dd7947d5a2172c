import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import { newId } from "../../../shared/ids.ts";
import type { Log } from "../../../workers/audit/src/log.do.ts";
import { eventOf, eventsOf, idsOf, logOf, searchRows, webhooks } from "./support.ts";

/** The log's entries as they are stored. */
function entriesOf(account: string) {
  return runInDurableObject(logOf(account), (_log, state) =>
    state.storage.sql.exec<{ idx: number; id: string; body: string }>("SELECT * FROM entry ORDER BY idx").toArray(),
  );
}

/** An entry as its readers get it, without its index. */
async function readEntry(account: string, id: string): Promise<object> {
  const { index: _index, ...event } = JSON.parse((await logOf(account).find(id))?.body ?? "{}");
  return event;
}

async function waitForSearch(account: string, count: number) {
  await vi.waitFor(async () => expect(await searchRows(account)).toHaveLength(count), { timeout: 10_000 });
}

async function waitForWebhooks(account: string, count: number) {
  await vi.waitFor(async () => expect(await webhooks.received(account)).toHaveLength(count), { timeout: 10_000 });
}

describe("the log", () => {
  test("keeps the order in which events came and counts them from 0", async () => {
    const account = newId();
    const events = eventsOf(account, 3).reverse();
    expect(await logOf(account).append(events)).toEqual({ appended: idsOf(events), refused: [] });
    const entries = await entriesOf(account);
    expect(entries.map((entry) => entry.idx)).toEqual([0, 1, 2]);
    expect(entries.map((entry) => entry.id)).toEqual(idsOf(events));
    for (const event of events) expect(await readEntry(account, event.id)).toEqual(event);
  });

  test("goes on where it was after it was evicted", async () => {
    const account = newId();
    await logOf(account).append(eventsOf(account, 2));
    await waitForSearch(account, 2);
    await evictDurableObject(logOf(account));
    await logOf(account).append(eventsOf(account, 1));
    expect((await entriesOf(account)).map((entry) => entry.idx)).toEqual([0, 1, 2]);
  });

  test("is not changed by appending twice, and nobody is told twice", async () => {
    const account = newId();
    const events = eventsOf(account, 3);
    await logOf(account).append(events);
    await waitForWebhooks(account, 3);
    await waitForSearch(account, 3);
    const before = await entriesOf(account);
    const changed = events.map((event) => ({ ...event, metadata: { forged: true } }));
    expect(await logOf(account).append(changed)).toEqual({ appended: idsOf(events), refused: [] });
    expect(await entriesOf(account)).toEqual(before);
    expect(await runDurableObjectAlarm(logOf(account))).toBe(false);
    expect(await webhooks.received(account)).toHaveLength(3);
  });

  test("keeps what a newer service adds to an event", async () => {
    const account = newId();
    const event = { ...eventOf(account), region: "weur" };
    await logOf(account).append([event]);
    expect(await readEntry(account, event.id)).toEqual(event);
  });
});

describe("a refused event", () => {
  const account = newId();

  test.each<[string, Partial<Record<keyof DomainEvent, unknown>>, string]>([
    ["of an unknown kind", { type: "order.exploded" }, "type: is no kind of event known here"],
    ["without a resource", { resource: "" }, "resource:"],
    ["with a sequence below one", { sequence: 0 }, "sequence:"],
    ["with a time that is none", { occurredAt: "yesterday" }, "occurredAt:"],
    ["too large for a leaf", { metadata: { text: "x".repeat(65_536) } }, "bytes are more than 65535"],
  ])("%s is named with its reason and does not stop its neighbours", async (_what, changes, reason) => {
    const [first, last] = [eventOf(account), eventOf(account)];
    const bad = { ...eventOf(account), ...changes } as DomainEvent;
    const { appended, refused } = await logOf(account).append([first, bad, last]);
    expect(appended).toEqual([first.id, last.id]);
    expect(refused).toEqual([{ id: bad.id, reason: expect.stringContaining(reason) }]);
    expect((await entriesOf(account)).map((entry) => entry.id)).toEqual([first.id, last.id]);
  });
});

test("an entry and what is to be handed over of it are written together or not at all", async () => {
  const account = newId();
  const event = eventOf(account);
  const inLog = (statement: string) =>
    runInDurableObject(logOf(account), (_log, state) => {
      state.storage.sql.exec(statement);
    });
  await inLog(`
    CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.topic = 'webhooks'
    BEGIN SELECT RAISE(ABORT, 'no room left'); END`);
  const refusal = await logOf(account).append([event]);
  expect(refusal).toEqual({ appended: [], refused: [{ id: event.id, reason: expect.stringContaining("no room") }] });
  expect(await entriesOf(account)).toEqual([]);
  expect(await searchRows(account)).toEqual([]);

  await inLog("DROP TRIGGER full");
  await logOf(account).append([event]);
  await waitForSearch(account, 1);
  await waitForWebhooks(account, 1);
});

describe("what the log hands over", () => {
  test("reaches each subscriber once, in the order of the log, however old the ids are", async () => {
    const account = newId();
    const events = eventsOf(account, 250).reverse();
    await logOf(account).append(events);
    await waitForWebhooks(account, 250);
    await waitForSearch(account, 250);
    const received = await webhooks.received(account);
    expect(idsOf(received)).toEqual(idsOf(events));
    expect(received.map((event) => event.index)).toEqual(events.map((_event, index) => index));
    expect(idsOf(await searchRows(account))).toEqual(idsOf(events));
  });

  test("leaves at once after a pause, and in one page where it comes in quick succession", async () => {
    // The clock stands still: all of it is one moment, however long it takes.
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const account = newId();
    await logOf(account).append(eventsOf(account, 1));
    await waitForWebhooks(account, 1);
    await runInDurableObject(logOf(account), (log: Log) => {
      for (const event of eventsOf(account, 5)) log.append([event]);
    });
    await waitForWebhooks(account, 6);
    expect(await webhooks.pages(account)).toEqual([1, 5]);
  });

  test("waits for a subscriber that is away, which gets everything after it is back, once", async () => {
    const account = newId();
    await webhooks.setAway(account, true);
    const events = eventsOf(account, 150);
    await logOf(account).append(events);
    // The others are not held up.
    await waitForSearch(account, 150);
    expect(await runDurableObjectAlarm(logOf(account))).toBe(true);
    expect(await webhooks.received(account)).toEqual([]);

    await webhooks.setAway(account, false);
    expect(await runDurableObjectAlarm(logOf(account))).toBe(true);
    expect(idsOf(await webhooks.received(account))).toEqual(idsOf(events));
    expect(await runDurableObjectAlarm(logOf(account))).toBe(false);
  });

  test("survives the object's eviction", async () => {
    const account = newId();
    await webhooks.setAway(account, true);
    await logOf(account).append(eventsOf(account, 2));
    await waitForSearch(account, 2);
    await evictDurableObject(logOf(account));
    await webhooks.setAway(account, false);
    expect(await runDurableObjectAlarm(logOf(account))).toBe(true);
    expect(await webhooks.received(account)).toHaveLength(2);
  });

  test("holds nothing about credentials for other servers", async () => {
    const account = newId();
    await logOf(account).append([eventOf(account, "session.opened"), eventOf(account, "login.failed")]);
    await waitForSearch(account, 2);
    await logOf(account).append([eventOf(account, "order.created")]);
    await waitForWebhooks(account, 1);
    expect((await webhooks.received(account)).map((event) => event.type)).toEqual(["order.created"]);
  });
});
