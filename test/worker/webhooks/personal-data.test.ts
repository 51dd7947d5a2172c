import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { Box, deliveries, doors, env, eventually, failedOnce, loggedEvent, makeWebhook, ORIGIN } from "./support.ts";

async function tellOf({ id: account }: Person, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => loggedEvent(account, index));
  for (let at = 0; at < count; at += 100) await doors.WebhooksService.acceptEvents(events.slice(at, at + 100));
}

async function countOf(person: Person): Promise<number> {
  const feed = await (await call("/api/events", { as: person })).json<{ events: object[] }>();
  return feed.events.length;
}

test("erasing somebody empties their feed, a thousand events a call, and nobody else's", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  await tellOf(john, 1_200);
  await tellOf(jane, 2);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(false);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(true);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(true);
  expect([await countOf(john), await countOf(jane)]).toEqual([0, 2]);
});

test("what comes late for somebody who was erased is taken over and not kept", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  await doors.PersonalDataService.eraseUser(john.id);
  await tellOf(john, 3);
  await tellOf(jane, 3);
  expect([await countOf(john), await countOf(jane)]).toEqual([0, 3]);
});

test("an export tells of every event once, oldest first, and not from where it was caused", async () => {
  const john = await signIn();
  await tellOf(john, 30);
  const first = await doors.PersonalDataService.exportPage(john.id, null);
  const second = await doors.PersonalDataService.exportPage(john.id, first.next);
  expect([first.records, second.records, second.next]).toEqual([25, 5, null]);
  const records = (first.lines + second.lines).trimEnd().split("\n");
  expect(records.map((line) => JSON.parse(line).index)).toEqual(Array.from({ length: 30 }, (_, index) => index));
  expect(first.lines).not.toContain(ORIGIN.ip);
});

test("an export tells of the webhooks, before the first events and without their secrets", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  const { secret, ...view } = await makeWebhook(john, new Box().url);
  await tellOf(john, 30);
  const first = await doors.PersonalDataService.exportPage(john.id, null);
  expect(JSON.parse(first.lines.split("\n")[0] ?? "")).toEqual({ record: "webhook", ...view });
  expect(first.records).toBe(26);
  expect((await doors.PersonalDataService.exportPage(john.id, first.next)).records).toBe(5);
  expect(first.lines).not.toContain(secret);
  expect((await doors.PersonalDataService.exportPage(jane.id, null)).records).toBe(0);
});

/** Every record of an export, read page by page. */
async function exported({ id }: Person): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await doors.PersonalDataService.exportPage(id, cursor);
    const found = page.lines.split("\n").slice(0, -1);
    expect(found).toHaveLength(page.records);
    lines.push(...found);
    cursor = page.next;
  } while (cursor !== null);
  return lines.map((line) => JSON.parse(line));
}

test("an export tells what was delivered to each webhook, attempt by attempt, once and without a signature", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  const [good, bad] = [new Box(), new Box("status-500")];
  const first = await makeWebhook(john, good.url, { events: ["order.created"] });
  const second = await makeWebhook(john, bad.url, { events: ["image.deleted"] });
  await makeWebhook(jane, good.url);
  await tellOf(john, 30);
  await tellOf(jane, 1);
  await doors.WebhooksService.acceptEvents([loggedEvent(john.id, 30, { type: "image.deleted" })]);
  await eventually(async () => {
    expect(await deliveries(john, first.id, "?status=delivered&limit=100")).toHaveLength(30);
  });
  await failedOnce(john, second.id);

  const records = await exported(john);
  expect(records.filter(({ record }) => record === "event")).toHaveLength(31);
  const told = records.filter(({ record }) => record === "webhook_delivery");
  const ofEach = [first, second].map(async ({ id }) => {
    const views = (await deliveries(john, id, "?limit=100")).reverse();
    return views.map((view) => ({ record: "webhook_delivery", webhook: id, ...view, log: [expect.anything()] }));
  });
  expect(told).toEqual((await Promise.all(ofEach)).flat());
  const attempt = { number: 1, startedAt: expect.any(String), durationMs: expect.any(Number) };
  expect(told[0]?.log).toEqual([{ ...attempt, url: good.url, status: 200, reason: null }]);
  expect(told.at(-1)?.log).toEqual([{ ...attempt, url: bad.url, status: 500, reason: "status" }]);
  for (const { secret } of [first, second]) expect(JSON.stringify(records)).not.toContain(secret);
  expect(JSON.stringify(told)).not.toMatch(/v1,|it broke/);
});

test("an export goes on behind a webhook that is deleted while it is made", async () => {
  const [john, box] = [await signIn(), new Box()];
  const [first, second] = [await makeWebhook(john, box.url), await makeWebhook(john, box.url)];
  await tellOf(john, 1);
  await box.receives(2);
  const events = await doors.PersonalDataService.exportPage(john.id, null);
  expect(events.next).toBe(`${first.id}/`);
  expect((await call(`/api/webhooks/${first.id}`, { as: john, method: "DELETE" })).status).toBe(204);
  const page = await doors.PersonalDataService.exportPage(john.id, events.next);
  expect([page.records, page.next, JSON.parse(page.lines)]).toMatchObject([1, null, { webhook: second.id }]);
});

test("erasing somebody takes their webhooks along, with what waits and what was delivered", async () => {
  const [john, jane, box] = [await signIn(), await signIn(), new Box("status-500")];
  const { id } = await makeWebhook(john, box.url);
  await makeWebhook(jane, box.url);
  await tellOf(john, 3);
  await box.receives(3);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(true);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(true);
  expect(await (await call("/api/webhooks", { as: john })).json()).toEqual([]);
  expect(await (await call("/api/webhooks", { as: jane })).json()).toHaveLength(1);
  const left = await runInDurableObject(env.WEBHOOK_QUEUES.getByName(id), (_instance, state) => {
    const select = "SELECT name FROM sqlite_master WHERE name IN ('delivery', 'attempt')";
    return [...state.storage.sql.exec(select), ...state.storage.kv.list()];
  });
  expect(left).toEqual([]);
  const late = await call("/api/webhooks", { as: john, json: { url: box.url } });
  expect(late.status).toBe(401);
});
