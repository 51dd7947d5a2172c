import { env as bindings } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import type { Env } from "../../../workers/orders/src/env.ts";
import { call } from "../call.ts";
import { ERASED_USER_PREFIX, UNANSWERED_USER_PREFIX } from "../peers.ts";
import { type Person, signIn } from "../sign-in.ts";
import { BOOK, place, waitingEvents } from "./support.ts";

const env = bindings as unknown as Env;

describe("placing an order", () => {
  test("answers the source's fields with exact money", async () => {
    const john = await signIn();
    expect(await place(john)).toMatchObject({
      ...BOOK,
      userId: john.id,
      priceCents: 2999,
      totalCents: 5998,
      total: 59.98,
      status: "pending",
    });
  });

  test("writes the order and its event together", async () => {
    const john = await signIn();
    const { id } = await place(john);
    const [event] = await waitingEvents();
    expect(event).toMatchObject({ type: "order.created", account: john.id, resource: id, sequence: 1 });
    expect(event?.actor.userId).toBe(john.id);
  });

  test("stores what was left out as nothing, not as the word null", async () => {
    const { id } = await place(await signIn());
    const select = "SELECT notes, shipping_address, typeof(items) AS items FROM orders WHERE id = ?";
    const row = await env.DB.prepare(select).bind(id).first();
    expect(row).toEqual({ notes: null, shipping_address: null, items: "text" });
  });

  test.each([
    ["a negative quantity", { ...BOOK, quantity: -1 }, "quantity"],
    ["a price with three decimals", { ...BOOK, price: 1.005 }, "price"],
    ["a missing product", { quantity: 1, price: 1 }, "product"],
    ["a field it does not know", { ...BOOK, status: "delivered" }, ""],
  ])("refuses %s and writes nothing", async (_what, json, path) => {
    const response = await call("/api/orders", { as: await signIn(), json });
    expect(response.status).toBe(422);
    const problem = await response.json<{ code: string; errors: { path: string }[] }>();
    expect(problem.code).toBe("invalid_request");
    expect(problem.errors.map((error) => error.path)).toContain(path);
    expect(await waitingEvents()).toEqual([]);
  });

  test("waits while auth does not say whether the user exists, and writes nothing", async () => {
    const john = await signIn("user", newId().replace(/^.{8}/, UNANSWERED_USER_PREFIX));
    const response = await call("/api/orders", { as: john, json: BOOK });
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(await response.json()).toMatchObject({ code: "service_unavailable" });
    expect(await waitingEvents()).toEqual([]);
    expect((await call("/api/orders", { as: john })).status).toBe(200);
  });

  test("refuses a user whom auth no longer knows", async () => {
    const erased = await signIn("user", newId().replace(/^.{8}/, ERASED_USER_PREFIX));
    expect((await call("/api/orders", { as: erased, json: BOOK })).status).toBe(401);
    expect(await waitingEvents()).toEqual([]);
  });
});

describe("reading orders", () => {
  test("lists one's own, newest first, page by page, on both paths", async () => {
    const john = await signIn();
    const placed = [await place(john), await place(john), await place(john)].map((order) => order.id);
    await place(await signIn());
    const first = await call("/orders?limit=2", { as: john });
    const cursor = first.headers.get("X-Next-Cursor");
    expect(first.headers.get("Link")).toContain(`cursor=${cursor}`);
    const second = await call(`/api/orders?limit=2&cursor=${cursor}`, { as: john });
    const pages = [...(await first.json<{ id: string }[]>()), ...(await second.json<{ id: string }[]>())];
    expect(pages.map((order) => order.id)).toEqual(placed.reverse());
    expect(second.headers.get("X-Next-Cursor")).toBeNull();
  });

  test("answers somebody else's order exactly like one that does not exist", async () => {
    const { id } = await place(await signIn());
    const stranger = await signIn();
    const bodyOf = async (path: string) => {
      const response = await call(path, { as: stranger });
      expect(response.status).toBe(404);
      return { ...(await response.json<object>()), requestId: "" };
    };
    expect(await bodyOf(`/api/orders/${id}`)).toEqual(await bodyOf(`/api/orders/${newId()}`));
  });

  test("shows an admin everybody's", async () => {
    const { id } = await place(await signIn());
    expect((await call(`/api/orders/${id}`, { as: await signIn("admin") })).status).toBe(200);
  });
});

describe("changing an order's status", () => {
  async function move(person: Person, id: string, status: string) {
    return call(`/api/orders/${id}/status`, { as: person, method: "PUT", json: { status } });
  }

  test("lets an admin walk it to delivered and counts the events up", async () => {
    const { id } = await place(await signIn());
    const admin = await signIn("admin");
    for (const status of ["confirmed", "processing", "shipped", "completed"]) {
      expect((await move(admin, id, status)).status).toBe(200);
    }
    const order = await (await call(`/api/orders/${id}`, { as: admin })).json<{ status: string }>();
    expect(order.status).toBe("delivered");
    expect((await waitingEvents()).map((event) => event.sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  test("lets the owner cancel, but not confirm", async () => {
    const john = await signIn();
    const { id } = await place(john);
    expect((await move(john, id, "confirmed")).status).toBe(403);
    expect((await move(john, id, "cancelled")).status).toBe(200);
  });

  test("refuses a step that the table does not have and names the legal ones", async () => {
    const { id } = await place(await signIn());
    const response = await move(await signIn("admin"), id, "shipped");
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: "illegal_status_change", allowed: ["confirmed", "cancelled"] });
  });

  test("lets exactly one of two simultaneous changes through", async () => {
    const { id } = await place(await signIn());
    const admin = await signIn("admin");
    const answers = await Promise.all([move(admin, id, "confirmed"), move(admin, id, "confirmed")]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(await waitingEvents()).toHaveLength(2);
  });
});

describe("the door", () => {
  test("answers 401 with a challenge to a stranger", async () => {
    const response = await call("/api/orders");
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  });

  test("answers 400 to broken JSON, 415 to another type, 405 with Allow, 404 to an unknown path", async () => {
    const john = await signIn();
    const headers = { "Content-Type": "application/json" };
    expect((await call("/api/orders", { as: john, body: "{", headers })).status).toBe(400);
    expect(
      (await call("/api/orders", { as: john, body: "a=1", headers: { "Content-Type": "text/plain" } })).status,
    ).toBe(415);
    const wrongMethod = await call("/api/orders", { as: john, method: "DELETE" });
    expect([wrongMethod.status, wrongMethod.headers.get("Allow")]).toEqual([405, "GET, POST"]);
    expect((await call("/api/nothing", { as: john })).status).toBe(404);
  });

  test("hands the caller's request id back and makes one where it is missing or odd", async () => {
    const given = await call("/health", { headers: { "X-Request-Id": "abcdef-123" } });
    expect(given.headers.get("X-Request-Id")).toBe("abcdef-123");
    const odd = await call("/health", { headers: { "X-Request-Id": "bad id with blanks" } });
    expect(odd.headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("describes its routes", async () => {
    const document = await (await call("/openapi.json")).json<{ paths: Record<string, object> }>();
    expect(Object.keys(document.paths)).toContain("/api/orders/{id}/status");
  });
});
