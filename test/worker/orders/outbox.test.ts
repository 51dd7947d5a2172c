import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from "cloudflare:test";
import { env as bindings, exports } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { describe, expect, test } from "vitest";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { Sample } from "../../../shared/contracts/metrics.ts";
import type { OutboxApi } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { committer, RELAY_NAME } from "../../../shared/outbox/commit.ts";
import { D1OutboxStore, outboxRow } from "../../../shared/outbox/d1-store.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { outbox } from "../../../shared/outbox/schema.ts";
import type { Env } from "../../../workers/orders/src/env.ts";
import { call } from "../call.ts";

const env = bindings as unknown as Env;
const outboxService = (exports as unknown as { OutboxService: OutboxApi }).OutboxService;
const NOTHING = { appended: [], refused: [] };
const NOBODY = { userId: null, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };

function anEvent(): DomainEvent {
  return newEvent(NOBODY, { type: "order.created", account: newId(), resource: newId(), sequence: 1 });
}

async function write(...events: DomainEvent[]): Promise<void> {
  const insert = env.DB.prepare("INSERT INTO outbox (id, body) VALUES (?, ?)");
  const rows = events.map(outboxRow);
  await env.DB.batch(rows.map(({ id, body }) => insert.bind(id, body)));
}

async function waitingIds(): Promise<string[]> {
  return (await new D1OutboxStore(env.DB).next(1_000, Number.MAX_SAFE_INTEGER)).map((event) => event.id);
}

/** What the service says of its outbox, by the end of each metric's name. */
async function gauges(): Promise<Record<string, number>> {
  const samples = await (await call("/gauges")).json<Sample[]>();
  expect(samples.every(({ labels }) => labels.service === "orders")).toBe(true);
  return Object.fromEntries(samples.map(({ name, value }) => [name.replace("halftone_outbox_", ""), value]));
}

describe("an event in the outbox", () => {
  test("stays until its appending is acknowledged", async () => {
    const [first, second] = [anEvent(), anEvent()];
    await write(first, second);
    expect((await outboxService.takeEvents(null, NOTHING, 1)).map((event) => event.id)).toEqual([first.id]);
    expect(await waitingIds()).toEqual([first.id, second.id]);
    const next = await outboxService.takeEvents(null, { appended: [first.id], refused: [] }, 10);
    expect(next.map((event) => event.id)).toEqual([second.id]);
    expect(await waitingIds()).toEqual([second.id]);
  });

  test("is given out again to whoever asks until then, oldest first", async () => {
    const events = [anEvent(), anEvent(), anEvent()];
    await write(...events.toReversed());
    for (let round = 0; round < 2; round++) {
      expect(await outboxService.takeEvents(null, NOTHING, 10)).toEqual(events);
    }
  });

  test("that is refused three times is set aside with the reason, and its neighbours pass", async () => {
    const [bad, good] = [anEvent(), anEvent()];
    await write(bad, good);
    const refusal = { appended: [], refused: [{ id: bad.id, reason: "cannot be read" }] };
    for (let round = 0; round < 3; round++) await outboxService.takeEvents(null, refusal, 0);
    expect(await waitingIds()).toEqual([good.id]);
    expect(await new D1OutboxStore(env.DB).setAside(10)).toMatchObject([
      { id: bad.id, reason: "cannot be read", tries: 3 },
    ]);
  });

  test("that was set aside can be offered again, once its cause is mended, and the log is told who wanted that", async () => {
    const [bad, worse] = [anEvent(), anEvent()];
    await write(bad, worse);
    const refused = [bad, worse].map(({ id }) => ({ id, reason: "cannot be read" }));
    for (let round = 0; round < 3; round++) await outboxService.takeEvents(null, { appended: [], refused }, 0);
    expect((await outboxService.setAsideEvents(10)).map(({ id }) => id)).toEqual([bad.id, worse.id]);
    expect(await outboxService.redriveEvents(NOBODY, newId())).toBe(0);
    expect(await waitingIds()).toEqual([]);
    expect(await outboxService.redriveEvents({ ...NOBODY, userId: "an-admin" }, bad.id)).toBe(1);
    const [offered, told] = await outboxService.takeEvents(null, NOTHING, 10);
    expect(offered).toEqual(bad);
    expect(told).toMatchObject({
      type: "event.redriven",
      actor: { userId: "an-admin" },
      metadata: { events: [bad.id] },
    });
    expect(await outboxService.redriveEvents(NOBODY, null)).toBe(1);
    expect(await outboxService.setAsideEvents(10)).toEqual([]);
  });

  test("is counted for those who watch, apart from those set aside", async () => {
    expect(await gauges()).toEqual({ events: 0, oldest_seconds: 0, set_aside: 0 });
    const [bad, good] = [anEvent(), anEvent()];
    await write(bad, good);
    const refusal = { appended: [], refused: [{ id: bad.id, reason: "cannot be read" }] };
    for (let round = 0; round < 3; round++) await outboxService.takeEvents(null, refusal, 0);
    const { oldest_seconds: age, ...counts } = await gauges();
    expect(counts).toEqual({ events: 1, set_aside: 1 });
    expect(age).toBeLessThan(60);
  });

  test("that was refused once waits a moment before it is offered again", async () => {
    const bad = anEvent();
    await write(bad);
    await outboxService.takeEvents(null, { appended: [], refused: [{ id: bad.id, reason: "busy" }] }, 0);
    expect(await outboxService.takeEvents(null, NOTHING, 10)).toEqual([]);
    expect(await waitingIds()).toEqual([bad.id]);
  });

  test("can be settled in hundreds at once", async () => {
    const events = Array.from({ length: 250 }, anEvent);
    await write(...events);
    await outboxService.takeEvents(null, { appended: events.map((event) => event.id), refused: [] }, 0);
    expect(await waitingIds()).toEqual([]);
  });
});

/** The database, and how many rows were written through it: what D1 is paid by. */
function counted(database: D1Database) {
  const count = { rowsWritten: 0 };
  const add = <Row>(result: D1Result<Row>) => {
    count.rowsWritten += result.meta.rows_written;
    return result;
  };
  const statements = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const wrap = (statement: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(statement, {
      get(real, name) {
        if (name === "bind") return (...values: unknown[]) => wrap(real.bind(...values));
        if (name === "run") return async () => add(await real.run());
        if (name === "all") return async () => add(await real.all());
        if (name === "raw") return () => real.raw();
        return undefined;
      },
    });
    statements.set(wrapped, statement);
    return wrapped;
  };
  const proxy = new Proxy(database, {
    get(real, name) {
      if (name === "prepare") return (query: string) => wrap(real.prepare(query));
      if (name === "batch")
        return async (batch: D1PreparedStatement[]) =>
          (await real.batch(batch.map((one) => statements.get(one) ?? one))).map(add);
      return undefined;
    },
  });
  return { database: proxy, count };
}

test("a fact costs one row written when it is told and one when it is settled", async () => {
  const { database, count } = counted(env.DB);
  const facts = Array.from({ length: 50 }, anEvent);
  const db = drizzle(database);
  const inserts = facts.map((fact) => db.insert(outbox).values(outboxRow(fact)));
  for (const insert of inserts) await insert;
  expect(count.rowsWritten).toBe(facts.length);
  const store = new D1OutboxStore(database);
  await store.next(facts.length);
  await store.settle({ appended: facts.map(({ id }) => id), refused: [] });
  expect(await waitingIds()).toEqual([]);
  expect(count.rowsWritten).toBe(2 * facts.length);
});

describe("the relay", () => {
  const relay = () => env.RELAY.getByName(RELAY_NAME);
  const alarmAt = () => runInDurableObject(relay(), (_relay, state) => state.storage.getAlarm());

  test("has promised its alarm before the rows are written", async () => {
    const ctx = createExecutionContext();
    let armedDuringWrite: number | null = null;
    await relay().watch();
    await committer(
      relay(),
      ctx,
    )(async () => {
      armedDuringWrite = await alarmAt();
    });
    await waitOnExecutionContext(ctx);
    expect(armedDuringWrite).not.toBeNull();
  });

  test("is nudged once for commits that end together, after the last of them, and anew for the next", async () => {
    let commits = 0;
    const nudgedAfter: number[] = [];
    const counting = {
      watch: async () => Date.now() + 60_000,
      nudge: async () => void nudgedAfter.push(commits),
    };
    const commitTogether = async (count: number) => {
      const ctx = createExecutionContext();
      const commit = committer(counting, ctx);
      const one = async () => {
        commits += 1;
      };
      await Promise.all(Array.from({ length: count }, () => commit(one)));
      await waitOnExecutionContext(ctx);
    };
    await commitTogether(5);
    await commitTogether(1);
    expect(nudgedAfter).toEqual([5, 6]);
  });

  test("comes back while anything waits, and even when nothing does as long as its promise holds", async () => {
    await relay().watch();
    await runInDurableObject(relay(), (object) => object.alarm());
    expect(await alarmAt()).not.toBeNull();
    await write(anEvent());
    await runInDurableObject(relay(), (object) => object.alarm());
    expect(await alarmAt()).not.toBeNull();
  });

  test("does not lose its alarm when an announcement fails", async () => {
    await relay().watch();
    await env.DB.prepare("DROP TABLE outbox").run();
    await runInDurableObject(relay(), (object) => object.alarm());
    expect(await alarmAt()).not.toBeNull();
  });
});
