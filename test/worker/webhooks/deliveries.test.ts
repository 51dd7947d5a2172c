import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { acceptEvents } from "../../../workers/webhooks/src/accept-events.ts";
import { EventsRepo } from "../../../workers/webhooks/src/events.repo.ts";
import { WebhooksRepo } from "../../../workers/webhooks/src/webhooks/webhooks.repo.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import {
  Box,
  deliveries,
  delivery,
  doors,
  env,
  eventually,
  failedOnce,
  holdTheClock,
  inQueue,
  loggedEvent,
  makeWebhook,
  readWebhook,
  tryNow,
} from "./support.ts";

const HOUR_MS = 3_600_000;

const accept = (...events: ReturnType<typeof loggedEvent>[]) => doors.WebhooksService.acceptEvents(events);

describe("an event that stands in the log", () => {
  test("is posted to the webhook, signed, in the words of the feed, under its own id", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { secret } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 4);
    await accept(event);
    const [post] = await box.receives(1);
    expect(post?.headers).toMatchObject({ "webhook-id": event.id, "content-type": "application/json" });
    const feed = await (await call("/api/events", { as: john })).json<{ events: object[] }>();
    expect(new Webhook(secret).verify(post?.body ?? "", post?.headers ?? {})).toEqual(feed.events[0]);
    expect(post?.body).not.toContain("203.0.113.7");
  });

  test("reaches every webhook of its account that asked for its kind, and nobody else's", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    const [all, orders, images, hers] = [new Box(), new Box(), new Box(), new Box()];
    await makeWebhook(john, all.url);
    await makeWebhook(john, orders.url, { events: ["user.updated", "order.*"] });
    await makeWebhook(john, images.url, { events: ["image.completed"] });
    await makeWebhook(jane, hers.url);
    const completed = loggedEvent(john.id, 1, { type: "image.completed" });
    await accept(loggedEvent(john.id, 0), completed);
    await all.receives(2);
    expect(JSON.parse((await images.receives(1))[0]?.body ?? "").id).toBe(completed.id);
    expect(JSON.parse((await orders.receives(1))[0]?.body ?? "").type).toBe("order.created");
    expect([await orders.received(), await images.received(), await hers.received()].map((all) => all.length)).toEqual([
      1, 1, 0,
    ]);
  });

  test("is delivered once, however often audit hands it over and however long ago it was delivered", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    const events = [0, 1, 2].map((index) => loggedEvent(john.id, index));
    await accept(...events);
    await box.receives(3);
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(3));
    await inQueue(id, "DELETE FROM delivery");
    await accept(...events);
    const later = loggedEvent(john.id, 3);
    await accept(later);
    expect((await box.receives(4)).map(({ headers }) => headers["webhook-id"])).toEqual(
      expect.arrayContaining([later.id]),
    );
    expect(await box.received()).toHaveLength(4);
  });

  test("is acknowledged only when it lies in the queue of every webhook", async () => {
    const [john, box] = [await signIn(), new Box()];
    await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 0);
    const deps = {
      events: new EventsRepo(env.DB),
      webhooks: new WebhooksRepo(env.DB),
      enqueue: () => Promise.reject(new Error("The webhook's queue is away.")),
    };
    await expect(acceptEvents(deps, [event])).rejects.toThrow("away");
    await accept(event);
    await box.receives(1);
  });

  test("comes after the earlier ones of the same resource, and does not wait for those of others", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    const resource = newId();
    const first = loggedEvent(john.id, 0, { resource });
    await accept(first);
    await failedOnce(john, id);
    // However long the rest takes, it is not tried again by itself.
    await inQueue(id, `UPDATE delivery SET due_at = due_at + ${HOUR_MS}`);
    await box.become("ok");
    const second = loggedEvent(john.id, 1, { resource, type: "order.status_changed", sequence: 2 });
    const third = loggedEvent(john.id, 2, { resource, type: "order.status_changed", sequence: 3 });
    const other = loggedEvent(john.id, 3);
    await accept(second, third, other);
    expect((await box.receives(2)).map(({ headers }) => headers["webhook-id"])).toEqual([first.id, other.id]);
    expect((await delivery(john, id, second.id)).nextAttemptAt).toBeNull();
    await tryNow(id);
    const ids = (await box.receives(5)).map(({ headers }) => headers["webhook-id"]);
    expect(ids.slice(2)).toEqual([first.id, second.id, third.id]);
  });

  test("is still delivered when everything was killed during an attempt", async () => {
    const endTime = holdTheClock();
    const [john, box] = [await signIn(), new Box("hang")];
    const { id } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 0);
    await accept(event);
    await box.receives(1);
    // What a kill leaves behind: the row, and an alarm.
    const alarm = await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_instance, state) =>
      state.storage.getAlarm(),
    );
    expect(alarm).toBeGreaterThan(Date.now() - 1_000);
    expect(await inQueue(id, "SELECT id, state FROM delivery")).toEqual([{ id: event.id, state: "waiting" }]);
    await box.become("ok");
    endTime();
    await failedOnce(john, id);
    await tryNow(id);
    expect((await box.receives(2)).map(({ headers }) => headers["webhook-id"])).toEqual([event.id, event.id]);
  });

  test("is still delivered when its queue was made under its former name", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 0);
    await accept(event);
    await failedOnce(john, id);
    await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_instance, state) => {
      state.storage.kv.delete("webhook");
      state.storage.kv.put("endpoint", id);
    });
    await box.become("ok");
    await tryNow(id);
    expect((await box.receives(2)).map(({ headers }) => headers["webhook-id"])).toEqual([event.id, event.id]);
  });
});

describe("the log of deliveries", () => {
  test("shows what was sent, what was answered and when, without the signature", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 7);
    await accept(event);
    const found = await failedOnce(john, id);
    expect(found).toMatchObject({ id: event.id, index: 7, type: "order.created", status: "waiting", attempts: 1 });
    expect(found.event).toMatchObject({ id: event.id, resource: event.resource });
    expect(found.log).toEqual([
      {
        number: 1,
        startedAt: expect.any(String),
        durationMs: expect.any(Number),
        request: { url: box.url, headers: { "webhook-id": event.id, "webhook-timestamp": expect.any(String) } },
        answer: { status: 500, headers: expect.objectContaining({ "x-request-id": "r-1" }), body: "it broke" },
        reason: "status",
      },
    ]);
    expect(Object.keys(found.log[0]?.answer?.headers ?? {})).not.toContain("set-cookie");
    expect(JSON.stringify(found)).not.toContain("v1,");
  });

  test("is paged, newest first, by what became of the deliveries", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    const events = Array.from({ length: 5 }, (_, index) => loggedEvent(john.id, index));
    await accept(...events);
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(5));
    const first = await call(`/api/webhooks/${id}/deliveries?limit=3&status=delivered`, { as: john });
    const page = await first.json<{ id: string }[]>();
    const rest = await deliveries(john, id, `?limit=3&cursor=${first.headers.get("X-Next-Cursor")}`);
    expect([...page, ...rest].map((one) => one.id)).toEqual(events.map((event) => event.id).reverse());
    expect(await deliveries(john, id, "?status=failed")).toEqual([]);
    expect((await call(`/api/webhooks/${id}/deliveries?status=lost`, { as: john })).status).toBe(422);
  });

  test("forgets what was delivered a week ago, and all but the newest thousand", async () => {
    const endTime = holdTheClock();
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    await accept(loggedEvent(john.id, 0));
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(1));
    await inQueue(
      id,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
       INSERT INTO delivery (id, idx, type, resource, body, state, due_at, created_at, settled_at)
       SELECT 'old-' || i, 0, 'order.created', 'r', '{}', 'delivered', 0, 0, ${Date.now()} - i * 1000 FROM n`,
    );
    await inQueue(id, `UPDATE delivery SET settled_at = settled_at - 8 * 86400000 WHERE id = 'old-5'`);
    const queue = env.WEBHOOK_QUEUES.getByName(id);
    // Nothing evicts an object whose clock still runs.
    endTime();
    await evictDurableObject(queue);
    await tryNow(id);
    const [{ n }] = (await inQueue(id, "SELECT count(*) AS n FROM delivery")) as [{ n: number }];
    expect(n).toBe(1_000);
    expect(await inQueue(id, "SELECT id FROM delivery WHERE id = 'old-5'")).toEqual([]);
    expect(await runInDurableObject(queue, (_instance, state) => state.storage.getAlarm())).not.toBeNull();
  });
});

describe("delivering again", () => {
  test("sends what was delivered once more, under the same id", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 0);
    await accept(event);
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(1));
    const answer = await call(`/api/webhooks/${id}/deliveries/${event.id}/redeliver`, { as: john, method: "POST" });
    expect([answer.status, (await answer.json<{ status: string }>()).status]).toEqual([202, "waiting"]);
    expect((await box.receives(2)).map(({ headers }) => headers["webhook-id"])).toEqual([event.id, event.id]);
    await eventually(async () => expect((await delivery(john, id, event.id)).log).toHaveLength(2));
  });

  test("a test is delivered at once, stands in no log, and comes one at a time", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url, { events: ["image.completed"] });
    const answer = await call(`/api/webhooks/${id}/test`, { as: john, method: "POST" });
    expect(answer.status).toBe(202);
    const [post] = await box.receives(1);
    expect(JSON.parse(post?.body ?? "")).toMatchObject({ type: "webhook.test", index: null, resource: id });

    const hanging = await makeWebhook(john, new Box("hang").url);
    const send = () => call(`/api/webhooks/${hanging.id}/test`, { as: john, method: "POST" });
    expect([(await send()).status, (await send()).status]).toEqual([202, 409]);
  });

  test("is refused while the webhook is disabled, and unknown to others", async () => {
    const [john, jane, box] = [await signIn(), await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    const event = loggedEvent(john.id, 0);
    await accept(event);
    await box.receives(1);
    await call(`/api/webhooks/${id}`, { as: john, method: "PATCH", json: { enabled: false } });
    const paths = [`/api/webhooks/${id}/test`, `/api/webhooks/${id}/deliveries/${event.id}/redeliver`];
    for (const path of paths) {
      expect((await call(path, { as: john, method: "POST" })).status).toBe(409);
      expect((await call(path, { as: jane, method: "POST" })).status).toBe(404);
    }
    expect((await call(`/api/webhooks/${id}/deliveries/${newId()}`, { as: john })).status).toBe(404);
    expect((await call(`/api/webhooks/${id}/deliveries`, { as: jane })).status).toBe(404);
  });
});

describe("a webhook that does not take anything", () => {
  test("is tried again later and later, and asked for more patience waits that long", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    await accept(loggedEvent(john.id, 0));
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { nextAttemptAt } = await failedOnce(john, id, attempt);
      waits.push(Math.round((Date.parse(nextAttemptAt ?? "") - Date.now()) / 1_000));
      await tryNow(id);
    }
    expect(waits[0]).toBeLessThanOrEqual(6);
    expect(waits[1]).toBeGreaterThan(20);
    expect(waits[2]).toBeGreaterThan(100);

    const busy = await makeWebhook(john, new Box("status-503").url);
    await accept(loggedEvent(john.id, 1));
    const { nextAttemptAt } = await failedOnce(john, busy.id);
    expect(Date.parse(nextAttemptAt ?? "") - Date.now()).toBeGreaterThan(3_500_000);
  });

  test("has a delivery set aside after three days, visible, and its successor goes on", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    const resource = newId();
    const [first, second] = [loggedEvent(john.id, 0, { resource }), loggedEvent(john.id, 1, { resource })];
    await accept(first, second);
    await eventually(async () => expect((await delivery(john, id, first.id)).attempts).toBe(1));
    await inQueue(id, "UPDATE delivery SET first_try_at = first_try_at - 73 * 3600000 WHERE attempts > 0");
    await tryNow(id);
    await eventually(async () => {
      expect((await deliveries(john, id, "?status=failed")).map((one) => one.id)).toEqual([first.id]);
    });
    await eventually(async () => expect((await delivery(john, id, second.id)).attempts).toBe(1));
  });

  test("is left alone but for a trial now and then, and gets everything when it is back", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    await accept(...Array.from({ length: 40 }, (_, index) => loggedEvent(john.id, index)));
    await eventually(async () => expect((await box.received()).length).toBeGreaterThanOrEqual(8));
    const health = () =>
      runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_instance, state) => {
        return state.storage.kv.get<{ failures: number; restsUntil: number }>("health");
      });
    await eventually(async () => expect((await health())?.restsUntil).toBeGreaterThan(Date.now()));
    expect((await box.received()).length).toBeLessThan(16);
    await box.become("ok");
    await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_instance, state) => {
      state.storage.kv.put("health", { ...state.storage.kv.get<object>("health"), restsUntil: 0 });
    });
    await tryNow(id);
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(40));
  });

  test.each([
    ["answers 410 Gone", "gone", "status-410", ""],
    ["has taken nothing for three days", "failing", "status-500", "failures"],
  ])("that %s is disabled, which is an event of the log", async (_what, reason, behaviour, old) => {
    const [john, box] = [await signIn(), new Box(behaviour)];
    const { id } = await makeWebhook(john, box.url);
    if (old !== "") {
      await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_instance, state) => {
        state.storage.kv.put("health", { failures: 20, failingSince: Date.now() - 73 * 3_600_000, restsUntil: 0 });
      });
    }
    await accept(loggedEvent(john.id, 0));
    await eventually(async () => {
      expect(await readWebhook(john, id)).toMatchObject({ enabled: false, disabledReason: reason });
    });
    const rows = await env.DB.prepare("SELECT body FROM outbox").all<{ body: string }>();
    const events = rows.results.map(({ body }) => JSON.parse(body));
    expect(events.map(({ type, sequence }) => [type, sequence])).toEqual([
      ["webhook.created", 1],
      ["webhook.disabled", 2],
    ]);
    expect(events[1]).toMatchObject({ account: john.id, resource: id, metadata: { reason }, actor: { userId: null } });

    // Nothing new is queued meanwhile, and what waited goes on when the webhook is enabled.
    await accept(loggedEvent(john.id, 1));
    expect(await deliveries(john, id)).toHaveLength(1);
    await box.become("ok");
    const enabled = await call(`/api/webhooks/${id}`, { as: john, method: "PATCH", json: { enabled: true } });
    expect(await enabled.json()).toMatchObject({ enabled: true, disabledReason: null });
    await eventually(async () => expect(await deliveries(john, id, "?status=delivered")).toHaveLength(1));
  });
});

test("a webhook for which a hundred thousand events wait is disabled, and none of them is dropped", async () => {
  const endTime = holdTheClock();
  const [john, box] = [await signIn(), new Box("hang")];
  const { id } = await makeWebhook(john, box.url);
  await accept(loggedEvent(john.id, 0));
  await box.receives(1);
  await inQueue(
    id,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100001)
     INSERT INTO delivery (id, idx, type, resource, body, state, due_at, created_at)
     SELECT 'waiting-' || i, i, 'order.created', 'r', '{}', 'behind', 0, 0 FROM n`,
  );
  endTime();
  await evictDurableObject(env.WEBHOOK_QUEUES.getByName(id));
  await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (instance) => instance.alarm());
  await eventually(async () => {
    expect(await readWebhook(john, id)).toMatchObject({ enabled: false, disabledReason: "queue_full" });
  });
  const [{ n }] = (await inQueue(id, "SELECT count(*) AS n FROM delivery")) as [{ n: number }];
  expect(n).toBe(100_002);
});

test("a webhook that hangs with ten thousand deliveries adds less than a second to another's", async () => {
  const [john, slow, quick] = [await signIn(), new Box("hang"), new Box()];
  const hanging = await makeWebhook(john, slow.url, { events: ["image.*"] });
  await makeWebhook(john, quick.url, { events: ["order.*"] });
  const deliveryTime = async (index: number) => {
    const began = Date.now();
    await accept(loggedEvent(john.id, index));
    return ((await quick.receives(index + 1))[index]?.at ?? Number.NaN) - began;
  };
  const alone = await deliveryTime(0);
  for (let page = 0; page < 100; page++) {
    const events = Array.from({ length: 100 }, (_, index) => {
      return { id: newId(), index: page * 100 + index, type: "image.completed", resource: newId(), body: "{}" };
    });
    await env.WEBHOOK_QUEUES.getByName(hanging.id).enqueue(hanging.id, events);
  }
  await slow.receives(4);
  // Whatever else the machine does can only make a delivery later, so the soonest counts.
  const beside = [await deliveryTime(1), await deliveryTime(2), await deliveryTime(3)];
  expect(Math.min(...beside) - alone).toBeLessThanOrEqual(1_000);
  expect((await slow.received()).length).toBeLessThan(100);
});
