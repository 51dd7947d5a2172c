import { env, exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { OrderView } from "../../../shared/contracts/orders.ts";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { IdempotencyKeysRepo } from "../../../shared/idempotency/keys.repo.ts";
import type { HeldKey } from "../../../shared/idempotency/schema.ts";
import { newId } from "../../../shared/ids.ts";
import { OrdersRepo } from "../../../workers/orders/src/orders.repo.ts";
import { placeOrder } from "../../../workers/orders/src/place-order.ts";
import { call, codeOf } from "../call.ts";
import type { TestEnv } from "../env.ts";
import { keysAge } from "../idempotency-keys.ts";
import { type Person, signIn } from "../sign-in.ts";
import { BOOK, photos, waitingEvents } from "./support.ts";

const { DB } = env as unknown as TestEnv;
const personalData = (exports as unknown as { PersonalDataService: PersonalDataApi }).PersonalDataService;
const KEY = "a-key-of-the-client";

function place(person: Person, json: object = BOOK, key = KEY): Promise<Response> {
  return call("/api/orders", { as: person, json, headers: { "Idempotency-Key": key } });
}

async function count(table: "orders" | "outbox" | "order_change" | "idempotency_key"): Promise<number> {
  return (await DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n")) ?? 0;
}

/** Takes the key as a request does that dies then. @returns how the key is held */
async function dieHolding(person: Person, fingerprint: string | null = null): Promise<HeldKey> {
  const held = { userId: person.id, route: "POST /api/orders", key: KEY, fingerprint, claim: newId() };
  expect(await new IdempotencyKeysRepo(DB).claim(held, Date.now())).toEqual({ isHeld: true });
  return held;
}

describe("the same order under the same key", () => {
  test("is placed once and answered as the first time", async () => {
    const john = await signIn();
    const [first, second] = [await place(john), await place(john)];
    expect([first.status, second.status]).toEqual([201, 201]);
    for (const name of ["Location", "ETag", "Content-Type"]) {
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    }
    expect([first, second].map((answer) => answer.headers.get("Idempotent-Replayed"))).toEqual([null, "true"]);
    expect(await second.text()).toBe(await first.text());
    expect([await count("orders"), await count("outbox"), await count("order_change")]).toEqual([1, 1, 1]);
  });

  test("is placed once by fifty requests at the same moment, and all hear of the same order", async () => {
    const john = await signIn();
    const untilAnswered = async (): Promise<string> => {
      for (;;) {
        const answer = await place(john);
        if (answer.status === 201) return (await answer.json<OrderView>()).id;
        expect([await codeOf(answer), answer.headers.get("Retry-After")]).toEqual([[409, "key_in_use"], "1"]);
        await scheduler.wait(20);
      }
    };
    const ids = await Promise.all(Array.from({ length: 50 }, untilAnswered));
    expect(new Set(ids).size).toBe(1);
    expect([await count("orders"), await count("outbox")]).toEqual([1, 1]);
  });

  test("shows it as it was placed, whatever has happened to it since", async () => {
    const john = await signIn();
    const { id } = await (await place(john)).json<OrderView>();
    await call(`/api/orders/${id}/cancel`, { as: john, method: "POST" });
    expect(await (await place(john)).json()).toMatchObject({ id, status: "pending", version: 1 });
  });

  test("is another order from somebody else, under another key, and after a day", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    await place(john);
    await place(jane);
    await place(john, BOOK, "another");
    expect(await count("orders")).toBe(3);
    await keysAge(DB, 24 * 60 * 60 * 1_000);
    expect((await place(john)).headers.get("Idempotent-Replayed")).toBeNull();
    expect([await count("orders"), await count("idempotency_key")]).toEqual([4, 1]);
  });
});

test("another order under the same key is refused, on every path", async () => {
  const john = await signIn();
  await place(john);
  expect(await codeOf(await place(john, { ...BOOK, quantity: 3 }))).toEqual([422, "key_reused"]);
  const headers = { "Idempotency-Key": KEY };
  const alias = await call("/orders", { as: john, json: BOOK, headers });
  expect(alias.headers.get("Idempotent-Replayed")).toBe("true");
  expect(await count("orders")).toBe(1);
});

test.each([
  ["nothing", ""],
  ["256 characters", "k".repeat(256)],
])("a key of %s is refused", async (_what, key) => {
  expect(await codeOf(await place(await signIn(), BOOK, key))).toEqual([422, "invalid_request"]);
});

describe("what was refused", () => {
  test("gives its key back, so that it can be tried again at once", async () => {
    const [john, imageId] = [await signIn(), newId()];
    const print = { items: [{ product: "Print", quantity: 1, price: 5, imageId }] };
    expect((await place(john, print)).status).toBe(422);
    await photos.setAway(true);
    expect((await place(john, print)).status).toBe(503);
    await photos.setAway(false);
    await photos.give(john.id, imageId);
    expect((await place(john, print)).status).toBe(201);
    expect(await count("orders")).toBe(1);
  });

  test("because it does not fit takes no key at all", async () => {
    const john = await signIn();
    expect((await place(john, { product: "Print" })).status).toBe(422);
    expect(await count("idempotency_key")).toBe(0);
  });
});

describe("a request that dies while it holds its key", () => {
  test("keeps others out for a minute and no longer", async () => {
    const john = await signIn();
    await dieHolding(john);
    expect(await codeOf(await place(john))).toEqual([409, "key_in_use"]);
    await keysAge(DB, 60_000);
    expect((await place(john)).status).toBe(201);
    expect(await count("orders")).toBe(1);
  });

  test("leaves its key to the same order alone", async () => {
    const john = await signIn();
    await dieHolding(john, "of something else");
    expect(await codeOf(await place(john))).toEqual([422, "key_reused"]);
    await keysAge(DB, 60_000);
    expect(await codeOf(await place(john))).toEqual([422, "key_reused"]);
  });

  test("writes nothing when it was only slow and another has placed the order", async () => {
    const john = await signIn();
    const held = await dieHolding(john);
    await keysAge(DB, 60_000);
    expect((await place(john)).status).toBe(201);
    const deps = {
      orders: new OrdersRepo(DB),
      commit: <T>(write: () => Promise<T>) => write(),
      userExists: async () => true,
      ownedImages: async () => [],
      keep: async () => ({ held, fingerprint: "", status: 201, headers: {}, body: "{}" }),
    };
    const actor = {
      ...john,
      sessionId: "",
      keyId: null,
      role: "user" as const,
      permissions: new Set<never>(),
      expiresAt: 0,
    };
    const origin = { userId: john.id, ip: null, userAgent: null, requestId: "" };
    const late = await placeOrder(deps, { ...actor, ...origin }, { ...BOOK, currency: "USD" });
    expect(late).toMatchObject({ ok: false, failure: { code: "key_in_use" } });
    expect([await count("orders"), await count("outbox")]).toEqual([1, 1]);
  });
});

test("an erasure forgets what was answered under the keys", async () => {
  const [john, jane] = [await signIn(), await signIn()];
  await place(john, { ...BOOK, notes: "Ring twice." });
  await place(jane);
  while (!(await personalData.eraseUser(john.id)));
  const { results } = await DB.prepare("SELECT user_id FROM idempotency_key").all();
  expect(results).toEqual([{ user_id: jane.id }]);
  expect((await place(john)).status).toBe(401);
  expect(await count("idempotency_key")).toBe(1);
});

test("without a key every order is another one", async () => {
  const john = await signIn();
  for (let i = 0; i < 2; i++) await call("/api/orders", { as: john, json: BOOK });
  expect([await count("orders"), await count("idempotency_key")]).toEqual([2, 0]);
  expect(await waitingEvents()).toHaveLength(2);
});
