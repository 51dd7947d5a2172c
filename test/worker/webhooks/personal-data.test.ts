import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { Box, doors, env, loggedEvent, makeWebhook, ORIGIN } from "./support.ts";

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

test("an export tells of the endpoints, before the first events and without their secrets", async () => {
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

test("erasing somebody takes their endpoints along, with what waits and what was delivered", async () => {
  const [john, jane, box] = [await signIn(), await signIn(), new Box("status-500")];
  const { id } = await makeWebhook(john, box.url);
  await makeWebhook(jane, box.url);
  await tellOf(john, 3);
  await box.receives(3);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(true);
  expect(await doors.PersonalDataService.eraseUser(john.id)).toBe(true);
  expect(await (await call("/api/webhooks", { as: john })).json()).toEqual([]);
  expect(await (await call("/api/webhooks", { as: jane })).json()).toHaveLength(1);
  const left = await runInDurableObject(env.ENDPOINTS.getByName(id), (_instance, state) => {
    const select = "SELECT name FROM sqlite_master WHERE name IN ('delivery', 'attempt')";
    return [...state.storage.sql.exec(select), ...state.storage.kv.list()];
  });
  expect(left).toEqual([]);
  const late = await call("/api/webhooks", { as: john, json: { url: box.url } });
  expect(late.status).toBe(401);
});
