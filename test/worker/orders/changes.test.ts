import { describe, expect, test } from "vitest";
import type { OrderChangeView } from "../../../shared/contracts/orders.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { complaintsOf, photos, place, waitingEvents } from "./support.ts";

const ADDRESS = { name: "Ada Lovelace", line1: "12 St James's Square", city: "London", country: "GB" };

function change(person: Person, id: string, json: object, headers: Record<string, string> = {}) {
  return call(`/api/orders/${id}`, { as: person, method: "PATCH", json, headers });
}

function move(person: Person, id: string, status: string, headers: Record<string, string> = {}) {
  return call(`/api/orders/${id}/status`, { as: person, method: "PUT", json: { status }, headers });
}

function cancel(person: Person, id: string, headers: Record<string, string> = {}) {
  return call(`/api/orders/${id}/cancel`, { as: person, method: "POST", headers });
}

describe("a pending order", () => {
  test("can be given other items, notes and an address, and each taken away again", async () => {
    const john = await signIn();
    const { id } = await place(john);
    const items = [{ product: "Print", quantity: 3, price: "7.10" }];
    const changed = await (await change(john, id, { items, notes: "Ring twice.", shippingAddress: ADDRESS })).json();
    expect(changed).toMatchObject({ product: "Print", total: 21.3, notes: "Ring twice.", shippingAddress: ADDRESS });
    const cleared = await (await change(john, id, { notes: null, shippingAddress: null })).json();
    expect(cleared).toMatchObject({ product: "Print", notes: null, shippingAddress: null, version: 3 });
    expect(await (await call(`/api/orders/${id}`, { as: john })).json()).toEqual(cleared);
  });

  test("tells which fields have changed, never what people have written", async () => {
    const john = await signIn();
    const { id } = await place(john);
    await change(john, id, { notes: "Ring twice.", shippingAddress: ADDRESS });
    const events = await waitingEvents();
    expect(events[1]).toMatchObject({
      ...{ type: "order.updated", resource: id, sequence: 2 },
      metadata: { fields: ["notes", "shippingAddress"] },
    });
    expect(JSON.stringify(events)).not.toMatch(/Ring|Lovelace/);
  });

  test("is not changed by what it is already", async () => {
    const john = await signIn();
    const { id } = await place(john);
    await change(john, id, { notes: "Ring twice." });
    const same = await change(john, id, { notes: "Ring twice." });
    expect([same.status, same.headers.get("ETag")]).toEqual([200, '"2"']);
    expect(await waitingEvents()).toHaveLength(2);
  });

  test("takes the customer's own photos only, whoever changes it", async () => {
    const [john, admin, his, hers] = [await signIn(), await signIn("admin"), newId(), newId()];
    await photos.give(john.id, his);
    await photos.give(admin.id, hers);
    const { id } = await place(john);
    const itemsOf = (imageId: string) => ({ items: [{ product: "Print", quantity: 1, price: 5, imageId }] });
    expect(await complaintsOf(await change(admin, id, itemsOf(hers)))).toEqual(["items.0.imageId"]);
    expect((await change(admin, id, itemsOf(his))).status).toBe(200);
  });

  test("is its owner's and the shop's", async () => {
    const { id } = await place(await signIn());
    expect((await change(await signIn(), id, { notes: "Mine now." })).status).toBe(404);
  });
});

test("an order that is being worked on keeps what it holds", async () => {
  const john = await signIn();
  const { id } = await place(john);
  await move(await signIn("admin"), id, "confirmed");
  const late = await change(john, id, { notes: "Wait!" });
  expect([late.status, (await late.json<{ code: string }>()).code]).toEqual([409, "not_changeable"]);
});

describe("an order's version", () => {
  test("is its ETag, wherever it is answered", async () => {
    const john = await signIn();
    const placed = await call("/api/orders", { as: john, json: { product: "Print", quantity: 1, price: 1 } });
    const { id, version } = await placed.json<{ id: string; version: number }>();
    expect([placed.headers.get("ETag"), version]).toEqual(['"1"', 1]);
    expect((await call(`/api/orders/${id}`, { as: john })).headers.get("ETag")).toBe('"1"');
    expect((await change(john, id, { notes: "n" })).headers.get("ETag")).toBe('"2"');
    expect((await cancel(john, id)).headers.get("ETag")).toBe('"3"');
  });

  test("keeps a change from overwriting one that was not seen", async () => {
    const john = await signIn();
    const { id } = await place(john);
    await change(john, id, { notes: "first" });
    const old = { "If-Match": '"1"' };
    for (const answer of [await change(john, id, { notes: "second" }, old), await cancel(john, id, old)]) {
      expect([answer.status, (await answer.json<{ code: string }>()).code]).toEqual([412, "precondition_failed"]);
    }
    expect((await move(john, id, "cancelled", { "If-Match": '"2"' })).status).toBe(200);
  });

  test("lets one of two simultaneous changes through, and the other knows why", async () => {
    const john = await signIn();
    const { id } = await place(john);
    const seen = { "If-Match": '"1"' };
    const answers = await Promise.all(["a", "b"].map((notes) => change(john, id, { notes }, seen)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(await waitingEvents()).toHaveLength(2);
  });
});

describe("cancelling", () => {
  test("is one step for the owner until work begins, and an event of its own", async () => {
    const john = await signIn();
    const { id } = await place(john);
    expect(await (await cancel(john, id)).json()).toMatchObject({ status: "cancelled", version: 2 });
    const events = await waitingEvents();
    expect(events[1]).toMatchObject({ type: "order.cancelled", metadata: { from: "pending", to: "cancelled" } });
    const again = await cancel(john, id);
    expect([again.status, await again.json()]).toMatchObject([409, { code: "illegal_status_change", allowed: [] }]);
  });

  test("is the shop's once work has begun", async () => {
    const [john, admin] = [await signIn(), await signIn("admin")];
    const { id } = await place(john);
    for (const status of ["confirmed", "processing"]) await move(admin, id, status);
    expect((await cancel(john, id)).status).toBe(403);
    expect((await cancel(admin, id)).status).toBe(200);
  });
});

describe("the timeline", () => {
  test("says who did what and when, oldest first", async () => {
    const [john, admin] = [await signIn(), await signIn("admin")];
    const { id, createdAt } = await place(john);
    await change(john, id, { notes: "Ring twice." });
    await move(admin, id, "confirmed");
    await cancel(john, id);
    const timeline = await (await call(`/api/orders/${id}/timeline`, { as: john })).json<OrderChangeView[]>();
    const [customer, shop] = [
      { by: "customer", userId: john.id },
      { by: "shop", userId: admin.id },
    ];
    expect(timeline).toMatchObject([
      { version: 1, type: "order.created", at: createdAt, ...customer },
      { version: 2, type: "order.updated", fields: ["notes"], ...customer },
      { version: 3, type: "order.status_changed", from: "pending", to: "confirmed", ...shop },
      { version: 4, type: "order.cancelled", from: "confirmed", to: "cancelled", ...customer },
    ]);
    expect((await call(`/api/orders/${id}/timeline`, { as: await signIn() })).status).toBe(404);
  });

  test("says nothing of a change that was not made", async () => {
    const [john, admin] = [await signIn(), await signIn("admin")];
    const { id } = await place(john);
    await Promise.all([move(admin, id, "confirmed"), move(admin, id, "confirmed"), move(admin, id, "delivered")]);
    const timeline = await (await call(`/api/orders/${id}/timeline`, { as: john })).json<OrderChangeView[]>();
    expect(timeline.map(({ version }) => version)).toEqual([1, 2]);
  });
});
