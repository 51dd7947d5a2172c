import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { LoggedEvent, PersonalDataApi, WebhooksApi } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";

const doors = exports as unknown as { WebhooksService: WebhooksApi; PersonalDataService: PersonalDataApi };

const ORIGIN = { sessionId: "a-session", keyId: null, ip: "203.0.113.7", userAgent: "Mozilla/5.0", requestId: null };

async function tellOf({ id: account }: Person, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index): LoggedEvent => {
    const facts = { type: "order.created", account, resource: newId(), sequence: 1 } as const;
    return { ...newEvent({ ...ORIGIN, userId: account }, facts), index };
  });
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
