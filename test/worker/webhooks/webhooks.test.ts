import { runInDurableObject } from "cloudflare:test";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import type { Sample } from "../../../shared/contracts/metrics.ts";
import type { WebhookWithSecret } from "../../../shared/contracts/webhooks.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import {
  Box,
  deliveries,
  doors,
  env,
  eventually,
  failedOnce,
  loggedEvent,
  makeWebhook,
  readWebhook,
} from "./support.ts";

const HOOK = "https://shop.example.com/hooks/halftone?key=1";

function change(as: Person, id: string, json: object): Promise<Response> {
  return call(`/api/webhooks/${id}`, { as, method: "PATCH", json });
}

async function rotate(as: Person, id: string): Promise<WebhookWithSecret> {
  return (await call(`/api/webhooks/${id}/rotate-secret`, { as, method: "POST" })).json();
}

async function outboxTypes(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT body FROM outbox ORDER BY id").all<{ body: string }>();
  return results.map(({ body }) => JSON.parse(body).type);
}

describe("a webhook", () => {
  test("is made, read, listed, changed and deleted, each with its event; its secret is shown once", async () => {
    const john = await signIn();
    const made = await makeWebhook(john, HOOK, {
      events: ["image.completed", "order.*", "order.*"],
      description: "shop",
    });
    expect(made).toMatchObject({
      url: HOOK,
      events: ["image.completed", "order.*"],
      enabled: true,
      description: "shop",
    });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { secret, ...view } = made;
    expect(await readWebhook(john, made.id)).toEqual(view);
    expect(await (await call("/api/webhooks", { as: john })).json()).toEqual([view]);

    const changed = await (await change(john, made.id, { description: "", enabled: false })).json();
    expect(changed).toMatchObject({
      ...view,
      description: "",
      enabled: false,
      disabledReason: "owner",
      updatedAt: expect.any(String),
    });
    const deleted = await call(`/api/webhooks/${made.id}`, { as: john, method: "DELETE" });
    expect(deleted.status).toBe(204);
    expect((await call(`/api/webhooks/${made.id}`, { as: john })).status).toBe(404);
    expect(await outboxTypes()).toEqual(["webhook.created", "webhook.updated", "webhook.deleted"]);
    const { results } = await env.DB.prepare("SELECT body FROM outbox").all<{ body: string }>();
    expect(JSON.stringify(results)).not.toContain("key=1");
    expect(JSON.stringify(results)).not.toContain(secret);
  });

  test("is kept with its secret sealed", async () => {
    const john = await signIn();
    const { secret } = await makeWebhook(john, HOOK);
    const row = await env.DB.prepare("SELECT secret FROM webhook").first<{ secret: number[] }>();
    const kept = String.fromCharCode(...(row?.secret ?? []));
    expect(kept.length).toBeGreaterThan(40);
    expect(kept).not.toContain(secret.slice("whsec_".length));
  });

  test("comes twenty to an account, also when many are made at one time", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    const makings = Array.from({ length: 25 }, () => call("/api/webhooks", { as: john, json: { url: HOOK } }));
    const statuses = (await Promise.all(makings)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(20);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    expect((await call("/api/webhooks", { as: jane, json: { url: HOOK } })).status).toBe(201);
    const first = await call("/api/webhooks?limit=15", { as: john });
    const rest = await call(`/api/webhooks?cursor=${first.headers.get("X-Next-Cursor")}`, { as: john });
    expect([(await first.json<object[]>()).length, (await rest.json<object[]>()).length]).toEqual([15, 5]);
  });

  test("is its owner's alone", async () => {
    const [john, jane] = [await signIn(), await signIn("admin")];
    const { id } = await makeWebhook(john, HOOK);
    for (const method of ["GET", "DELETE"]) {
      expect((await call(`/api/webhooks/${id}`, { as: jane, method })).status).toBe(404);
    }
    expect((await change(jane, id, { enabled: false })).status).toBe(404);
    expect((await call(`/api/webhooks/${id}/rotate-secret`, { as: jane, method: "POST" })).status).toBe(404);
    expect(await (await call("/api/webhooks", { as: jane })).json()).toEqual([]);
  });

  test.each([
    [{ url: "http://shop.example.com/hook" }, "url"],
    [{ url: "https://10.0.0.1/hook" }, "url"],
    [{ url: "https://halftone.test/api" }, "url"],
    [{ events: ["order.lost"] }, "events.0"],
    [{ events: ["image.completed", "session.*"] }, "events.1"],
    [{ events: [] }, "events"],
    [{ secret: "whsec_mine" }, ""],
  ])("cannot have %j", async (fields, path) => {
    const john = await signIn();
    const { id } = await makeWebhook(john, HOOK);
    for (const answer of [
      await call("/api/webhooks", { as: john, json: { url: HOOK, ...fields } }),
      await change(john, id, fields),
    ]) {
      expect(answer.status).toBe(422);
      expect((await answer.json<{ errors: { path: string }[] }>()).errors.map((error) => error.path)).toContain(path);
    }
  });

  test("takes its queue and its log along when it is deleted", async () => {
    const [john, box] = [await signIn(), new Box("status-500")];
    const { id } = await makeWebhook(john, box.url);
    await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 0)]);
    await failedOnce(john, id);
    await call(`/api/webhooks/${id}`, { as: john, method: "DELETE" });
    const left = await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), async (_instance, state) => ({
      tables: state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('delivery', 'attempt')").toArray(),
      keys: [...state.storage.kv.list()].length,
      alarm: await state.storage.getAlarm(),
    }));
    expect(left).toEqual({ tables: [], keys: 0, alarm: null });
  });

  test("that was deleted while its queue was not reached empties itself when it wakes", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    await env.DB.prepare("DELETE FROM webhook").run();
    await env.WEBHOOK_QUEUES.getByName(id).enqueue(id, [
      { id, index: 0, type: "order.created", resource: id, body: "{}" },
    ]);
    await eventually(async () => {
      const keys = await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_i, state) => [
        ...state.storage.kv.list(),
      ]);
      expect(keys).toEqual([]);
    });
    expect(await box.received()).toEqual([]);
  });
});

describe("a secret", () => {
  test("that is rotated signs beside the new one for a day, and no longer", async () => {
    const [john, box] = [await signIn(), new Box()];
    const first = await makeWebhook(john, box.url);
    const second = await rotate(john, first.id);
    expect(second.secret).not.toBe(first.secret);
    const hours = (Date.parse(second.previousSecretUntil ?? "") - Date.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(24);
    await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 0)]);
    const [both] = await box.receives(1);
    for (const { secret } of [first, second]) {
      expect(new Webhook(secret).verify(both?.body ?? "", both?.headers ?? {})).toMatchObject({ index: 0 });
    }
    await env.DB.prepare("UPDATE webhook SET previous_until = 1").run();
    await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 1)]);
    const [, newest] = await box.receives(2);
    expect(newest?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
    expect(() => new Webhook(first.secret).verify(newest?.body ?? "", newest?.headers ?? {})).toThrow();
    new Webhook(second.secret).verify(newest?.body ?? "", newest?.headers ?? {});
  });

  test("that cannot be opened any more delivers nothing and says why", async () => {
    const [john, box] = [await signIn(), new Box()];
    const { id } = await makeWebhook(john, box.url);
    await env.DB.prepare("UPDATE webhook SET secret = x'00'").run();
    await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 0)]);
    expect((await failedOnce(john, id)).log[0]?.reason).toBe("secret_unreadable");
    expect(await box.received()).toEqual([]);
  });
});

test("the figures tell what waits, what was set aside and how old the oldest is", async () => {
  const gauge = async (name: string, status?: string) => {
    const samples = await (await call("/gauges")).json<Sample[]>();
    return samples.find((sample) => sample.name === name && sample.labels.status === status)?.value;
  };
  expect(await gauge("halftone_webhook_oldest_seconds")).toBe(0);
  const [john, box] = [await signIn(), new Box("status-500")];
  const { id } = await makeWebhook(john, box.url);
  await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 0)]);
  await eventually(async () => expect(await gauge("halftone_webhook_deliveries", "waiting")).toBe(1));
  expect(await gauge("halftone_webhook_deliveries", "failed")).toBe(0);
  expect(await gauge("halftone_webhook_oldest_seconds")).toBeGreaterThan(0);
  await change(john, id, { enabled: false });
  expect(await gauge("halftone_webhook_deliveries", "waiting")).toBe(0);
  expect(await deliveries(john, id)).toHaveLength(1);
});
