import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import type { TestEnv } from "../env.ts";
import { type Person, signIn } from "../sign-in.ts";

const personalData = (exports as unknown as { PersonalDataService: PersonalDataApi }).PersonalDataService;
const { DB } = env as unknown as TestEnv;

const BOOK = { product: "Go Programming Book", quantity: 2, price: 29.99 };

async function place(person: Person): Promise<string> {
  const response = await call("/api/orders", { as: person, json: BOOK });
  expect(response.status).toBe(201);
  return (await response.json<{ id: string }>()).id;
}

async function eraseAll(userId: string): Promise<void> {
  while (!(await personalData.eraseUser(userId)));
}

test("erasing somebody keeps their orders and forgets whose they were", async () => {
  const [john, jane, admin] = [await signIn(), await signIn(), await signIn("admin")];
  const [his, hers] = [await place(john), await place(jane)];
  await eraseAll(john.id);
  expect((await call(`/api/orders/${his}`, { as: john })).status).toBe(404);
  const order = await (await call(`/api/orders/${his}`, { as: admin })).json();
  expect(order).toMatchObject({ ...BOOK, userId: "system", total: 59.98 });
  expect((await call(`/api/orders/${hers}`, { as: jane })).status).toBe(200);
  await eraseAll(john.id);
  expect(await (await call(`/api/orders/${his}`, { as: admin })).json()).toEqual(order);
});

test("erasing somebody forgets where their orders went, what they noted, and what they did for the shop", async () => {
  const [john, admin] = [await signIn(), await signIn("admin")];
  const shippingAddress = { name: "Ada Lovelace", line1: "12 St James's Square", city: "London", country: "GB" };
  const placed = await call("/api/orders", { as: john, json: { ...BOOK, notes: "Ring twice.", shippingAddress } });
  const { id } = await placed.json<{ id: string }>();
  await call(`/api/orders/${id}/status`, { as: admin, method: "PUT", json: { status: "confirmed" } });
  const [record] = (await personalData.exportPage(john.id, null)).lines.split("\n");
  expect(JSON.parse(record ?? "")).toMatchObject({
    ...{ notes: "Ring twice.", shippingAddress },
    timeline: [{ type: "order.created" }, { type: "order.status_changed" }],
  });
  await eraseAll(john.id);
  await eraseAll(admin.id);
  const { results } = await DB.prepare("SELECT * FROM orders JOIN order_change ON order_id = orders.id").all();
  expect(results).toHaveLength(2);
  expect(JSON.stringify(results)).not.toMatch(new RegExp(`Ring|Lovelace|${john.id}|${admin.id}`));
});

test("an order without an owner can still be moved on, and belongs to the system's log then", async () => {
  const [john, admin] = [await signIn(), await signIn("admin")];
  const id = await place(john);
  await eraseAll(john.id);
  const path = `/api/orders/${id}/status`;
  expect((await call(path, { as: admin, method: "PUT", json: { status: "confirmed" } })).status).toBe(200);
  const { results } = await DB.prepare("SELECT body FROM outbox ORDER BY id").all<{ body: string }>();
  expect(JSON.parse(results.at(-1)?.body ?? "")).toMatchObject({ type: "order.status_changed", account: "system" });
});

test("an order that is placed while its owner is erased is not written", async () => {
  const john = await signIn();
  await eraseAll(john.id);
  expect((await call("/api/orders", { as: john, json: BOOK })).status).toBe(401);
  const { results } = await DB.prepare("SELECT id FROM orders UNION ALL SELECT id FROM outbox").all();
  expect(results).toEqual([]);
});

test("an erasure takes more orders than fit into one call", async () => {
  const john = await signIn();
  const insert = `
    INSERT INTO orders (id, user_id, currency, status, version, created_at, updated_at)
    SELECT value, ?1, 'USD', 'pending', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM json_each(?2)`;
  const ids = Array.from({ length: 1_500 }, (_, i) => `order-${i}`);
  await DB.prepare(insert).bind(john.id, JSON.stringify(ids)).run();
  expect(await personalData.eraseUser(john.id)).toBe(false);
  expect(await personalData.eraseUser(john.id)).toBe(true);
  const { results } = await DB.prepare("SELECT DISTINCT user_id FROM orders").all();
  expect(results).toEqual([{ user_id: "system" }]);
});

test("an export tells of every order once, oldest first, page by page", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  const placed = [await place(john)];
  while (placed.length < 103) placed.push(newId());
  const copy = `
    INSERT INTO orders (id, user_id, items, currency, status, version, created_at, updated_at)
    SELECT value, user_id, items, currency, status, version, created_at, updated_at
    FROM orders JOIN json_each(?1) WHERE orders.id = ?2`;
  await DB.prepare(copy)
    .bind(JSON.stringify(placed.slice(1)), placed[0])
    .run();
  await place(jane);
  const first = await personalData.exportPage(john.id, null);
  const second = await personalData.exportPage(john.id, first.next);
  expect([first.records, second.records, second.next]).toEqual([100, 3, null]);
  const records = (first.lines + second.lines).trimEnd().split("\n");
  expect(records.map((line) => JSON.parse(line).id)).toEqual(placed);
  expect(JSON.parse(records[0] ?? "")).toMatchObject({ record: "order", ...BOOK, userId: john.id });
});
