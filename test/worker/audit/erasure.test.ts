import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import { DATA_SERVICES } from "../../../shared/contracts/personal-data.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { env, eventOf, eventsOf, idsOf, logOf, searchRows, webhooks } from "./support.ts";

const WITHIN_10_S = { timeout: 10_000 };
const PERSONAL = ["203.0.113.7", "Mozilla/5.0", "sunset.jpg"];

function endOf(account: string, changes: Partial<DomainEvent> = {}): DomainEvent {
  return eventOf(account, "user.erased", { resource: account, ...changes });
}

function inLog<Row extends Record<string, SqlStorageValue>>(account: string, select: string): Promise<Row[]> {
  return runInDurableObject(logOf(account), (_log, state) => state.storage.sql.exec<Row>(select).toArray());
}

/** Everything that audit still knows of an account. */
async function everythingOf(account: string): Promise<string> {
  const inObject = await inLog(account, "SELECT body FROM entry UNION ALL SELECT body FROM personal");
  return JSON.stringify([inObject, await searchRows(account)]);
}

async function notedServices(account: string): Promise<string[]> {
  const { noted } = await env.AUTH_PERSONAL_DATA.look(account);
  return [...new Set(noted)].sort();
}

async function waitUntilErased(account: string): Promise<void> {
  await vi.waitFor(async () => expect(await notedServices(account)).toEqual([...DATA_SERVICES].sort()), WITHIN_10_S);
}

describe("the end of an account", () => {
  test("is told to every service until nothing is left, and each is noted with auth", async () => {
    const account = newId();
    const services = [env.IMAGES_PERSONAL_DATA, env.ORDERS_PERSONAL_DATA, env.WEBHOOKS_PERSONAL_DATA];
    for (const service of services) await service.fill(account, 30);
    await logOf(account).append([endOf(account)]);
    await waitUntilErased(account);
    for (const service of services) expect((await service.look(account)).things).toBe(0);
  });

  test("makes the log forget what it tells of people, in the transaction in which it takes note of it", async () => {
    const account = newId();
    const events = eventsOf(account, 30);
    await logOf(account).append(events);
    const entries = await inLog(account, "SELECT * FROM entry ORDER BY idx");
    await logOf(account).append([endOf(account)]);
    expect(await inLog(account, "SELECT * FROM personal")).toEqual([]);
    // The entries themselves stand as they were written.
    expect((await inLog(account, "SELECT * FROM entry ORDER BY idx")).slice(0, 30)).toEqual(entries);

    await waitUntilErased(account);
    const left = await everythingOf(account);
    for (const personal of PERSONAL) expect(left).not.toContain(personal);
    expect(idsOf(await searchRows(account)).slice(0, 30)).toEqual(idsOf(events));
    const { body } = (await logOf(account).find(events[0]!.id))!;
    expect(JSON.parse(body)).toMatchObject({ id: events[0]!.id, metadata: {}, actor: { userId: account, ip: null } });
  });

  test("closes the log: what comes late is kept and handed on without what it tells of people", async () => {
    const account = newId();
    await logOf(account).append([endOf(account)]);
    await waitUntilErased(account);
    await evictDurableObject(logOf(account));
    const late = eventOf(account);
    await logOf(account).append([late]);
    await vi.waitFor(async () => expect(idsOf(await searchRows(account))).toContain(late.id), WITHIN_10_S);
    await vi.waitFor(async () => expect(idsOf(await webhooks.received(account))).toContain(late.id), WITHIN_10_S);
    const left = (await everythingOf(account)) + JSON.stringify(await webhooks.received(account));
    for (const personal of PERSONAL) expect(left).not.toContain(personal);
  });

  test("reaches a service that was away when it is back, and holds up none of the others", async () => {
    const account = newId();
    await env.IMAGES_PERSONAL_DATA.fill(account, 3);
    await env.IMAGES_PERSONAL_DATA.setAway(account, true);
    await logOf(account).append([endOf(account)]);
    const others = DATA_SERVICES.filter((service) => service !== "images").sort();
    await vi.waitFor(async () => expect(await notedServices(account)).toEqual(others), WITHIN_10_S);

    await env.IMAGES_PERSONAL_DATA.setAway(account, false);
    await evictDurableObject(logOf(account));
    expect(await runDurableObjectAlarm(logOf(account))).toBe(true);
    expect(await notedServices(account)).toEqual([...DATA_SERVICES].sort());
  });

  test("goes on at the next alarm where one delivery's work was not enough", async () => {
    const account = newId();
    await env.IMAGES_PERSONAL_DATA.fill(account, 150);
    await logOf(account).append([endOf(account)]);
    await vi.waitFor(async () => expect((await env.IMAGES_PERSONAL_DATA.look(account)).things).toBe(50), WITHIN_10_S);
    expect(await notedServices(account)).not.toContain("images");
    await runDurableObjectAlarm(logOf(account));
    await waitUntilErased(account);
  });

  test("forgets where an admin was who acted in other people's logs, and nothing else there", async () => {
    const [admin, john] = [newId(), newId()];
    const act = eventOf(john, "order.status_changed");
    act.actor.userId = admin;
    const own = eventOf(john);
    await logOf(john).append([own, act]);
    await vi.waitFor(async () => expect(await searchRows(john)).toHaveLength(2), WITHIN_10_S);
    await logOf(admin).append([endOf(admin)]);
    await waitUntilErased(admin);

    const [ownRow, actRow] = await searchRows(john);
    expect(ownRow).toMatchObject({ ip: own.actor.ip, userAgent: own.actor.userAgent });
    expect(actRow).toMatchObject({ userId: admin, ip: null, userAgent: null, metadata: act.metadata });
    const { body } = (await logOf(john).find(act.id))!;
    expect(JSON.parse(body)).toMatchObject({ actor: { userId: admin, ip: null }, metadata: act.metadata });
  });

  test("touches no other account", async () => {
    const [john, jane] = [newId(), newId()];
    const event = eventOf(jane);
    await logOf(jane).append([event]);
    await logOf(john).append([eventOf(john), endOf(john)]);
    await waitUntilErased(john);
    const { body } = (await logOf(jane).find(event.id))!;
    expect(JSON.parse(body)).toEqual({ ...event, index: 0 });
  });

  test("deletes an export", async () => {
    const john = await signIn();
    const started = await call("/api/users/me/export", { as: john, method: "POST" });
    const { id } = await started.json<{ id: string }>();
    await logOf(john.id).append([endOf(john.id)]);
    await waitUntilErased(john.id);
    expect((await call(`/api/exports/${id}`, { as: john })).status).toBe(404);
  });
});

test("a log from before what it tells of people lay apart forgets that too", async () => {
  const account = newId();
  const event = eventOf(account);
  await runInDurableObject(logOf(account), (_log, state) => {
    state.storage.sql.exec("DROP TABLE personal");
    const insert = "INSERT INTO entry (idx, id, body) VALUES (0, ?, ?)";
    state.storage.sql.exec(insert, event.id, JSON.stringify(event));
  });
  await evictDurableObject(logOf(account));
  expect(JSON.parse((await logOf(account).find(event.id))!.body)).toEqual({ ...event, index: 0 });
  await logOf(account).append([endOf(account)]);
  expect(await inLog(account, "SELECT * FROM personal")).toEqual([]);
  expect(JSON.stringify(await inLog(account, "SELECT * FROM entry"))).not.toContain("sunset.jpg");
});
