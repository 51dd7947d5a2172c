import { afterEach, describe, expect, test } from "vitest";
import type { OrderView } from "../../../shared/contracts/orders.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { complaintsOf, photos, place, waitingEvents } from "./support.ts";

const PRINT = { product: "Print 30x40", quantity: 2, price: "24.50" };
const FRAME = { product: "Frame", quantity: 1, price: 9.1 };

afterEach(() => photos.setAway(false));

describe("an order of several items", () => {
  test("adds them up exactly and shows the first where older clients look", async () => {
    const order = await place(await signIn(), { items: [PRINT, FRAME] });
    expect(order).toMatchObject({
      ...{ product: "Print 30x40", quantity: 2, price: 24.5, priceCents: 2450, total: 58.1, totalCents: 5810 },
      items: [
        { ...PRINT, price: 24.5, total: 49, totalCents: 4900, imageId: null, variant: null },
        { ...FRAME, priceCents: 910 },
      ],
    });
    expect((await waitingEvents())[0]?.metadata).toEqual({
      ...{ product: "Print 30x40", quantity: 2, priceCents: 2450 },
      ...{ items: 2, totalCents: 5810, currency: "USD" },
    });
  });

  test("has the decimals of its currency", async () => {
    const john = await signIn();
    const yen = await place(john, { currency: "JPY", items: [{ ...PRINT, price: 2500 }] });
    expect(yen).toMatchObject({ price: 2500, priceCents: 2500, total: 5000, currency: "JPY" });
    const dinar = await place(john, { currency: "KWD", product: "Print", quantity: 3, price: "1.005" });
    expect(dinar).toMatchObject({ price: 1.005, priceCents: 1005, total: 3.015 });
  });

  test.each([
    ["cents of a currency that has none", { currency: "JPY", items: [PRINT] }, ["items.0.price"]],
    ["a currency that there is not", { currency: "XXX", items: [PRINT] }, ["currency"]],
    ["a price that is no decimal", { items: [FRAME, { ...PRINT, price: "1e3" }] }, ["items.1.price"]],
    ["a size of no photo", { items: [{ ...PRINT, variant: "large" }] }, ["items.0.variant"]],
    ["no items", { items: [] }, ["items"]],
    ["items beside a product", { items: [PRINT], product: "Print" }, ["product"]],
    ["more than can be counted exactly", { items: [{ ...FRAME, quantity: 10_000, price: 9_999_999_999 }] }, ["items"]],
    ["the same in the source's shape", { ...FRAME, quantity: 10_000, price: 9_999_999_999 }, ["price"]],
    ["more notes than anybody reads", { items: [PRINT], notes: "x".repeat(1_001) }, ["notes"]],
    ["an address without a country", { ...FRAME, shippingAddress: { name: "A", line1: "B", city: "C" } }, null],
  ])("refuses %s", async (_what, json, paths) => {
    const complaints = await complaintsOf(await call("/api/orders", { as: await signIn(), json }));
    expect(complaints).toEqual(paths ?? ["shippingAddress.country"]);
    expect(await waitingEvents()).toEqual([]);
  });
});

describe("a print of a photo", () => {
  test("names the photo and its size", async () => {
    const [john, imageId] = [await signIn(), newId()];
    await photos.give(john.id, imageId);
    const items = [{ ...PRINT, imageId, variant: "large" }, { ...FRAME, imageId }, FRAME];
    const order = await place(john, { items });
    expect(order.items.map((item) => [item.imageId, item.variant])).toEqual([
      [imageId, "large"],
      [imageId, "original"],
      [null, null],
    ]);
  });

  test("cannot be of somebody else's, which is answered like one that there is not", async () => {
    const [john, jane, hers] = [await signIn(), await signIn(), newId()];
    await photos.give(jane.id, hers);
    const answerFor = async (imageId: string) => {
      const response = await call("/api/orders", { as: john, json: { items: [FRAME, { ...PRINT, imageId }] } });
      return { status: response.status, body: { ...(await response.json<object>()), requestId: "" } };
    };
    const foreign = await answerFor(hers);
    expect(foreign).toMatchObject({ status: 422, body: { errors: [{ path: "items.1.imageId" }] } });
    expect(await answerFor(newId())).toEqual(foreign);
    expect(await answerFor("no id at all")).toEqual(foreign);
    expect(await waitingEvents()).toEqual([]);
  });

  test("waits while images is away, and what is no print does not", async () => {
    const john = await signIn();
    await photos.setAway(true);
    const response = await call("/api/orders", { as: john, json: { items: [{ ...PRINT, imageId: newId() }] } });
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
    await place(john, { items: [PRINT] });
  });
});

test("a list of one status leaves the others out, page by page", async () => {
  const john = await signIn();
  const placed = [await place(john), await place(john), await place(john), await place(john)];
  await call(`/api/orders/${placed[1]?.id}/cancel`, { as: john, method: "POST" });
  const idsAt = async (query: string) => {
    const response = await call(`/api/orders?${query}`, { as: john });
    const orders = await response.json<OrderView[]>();
    return { ids: orders.map(({ id }) => id), next: response.headers.get("X-Next-Cursor") };
  };
  expect((await idsAt("status=cancelled")).ids).toEqual([placed[1]?.id]);
  const first = await idsAt("status=pending&limit=2");
  const second = await idsAt(`status=pending&limit=2&cursor=${first.next}`);
  expect([...first.ids, ...second.ids]).toEqual([placed[3]?.id, placed[2]?.id, placed[0]?.id]);
  expect((await call("/api/orders?status=lost", { as: john })).status).toBe(422);
});
