import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import { Client } from "./support/client.ts";
import { Disk } from "./support/disk.ts";

const ORDERS = 200;
const AT_ONCE = 20;
/** Five events of each order: its creation and these. */
const STEPS = ["confirmed", "processing", "shipped", "delivered"];
const EVENTS = ORDERS * (1 + STEPS.length);
const SETTLED_WITHIN_MS = 60_000;
const FIVE_MINUTES_MS = 300_000;

const state = mkdtempSync(join(tmpdir(), "halftone-audit-outage-"));
const disk = new Disk(state);
let rest: Halftone;
let audit: Halftone;

function start(services: string[]): Promise<Halftone> {
  const vars = { LOG_LEVEL: "error", RATE_LIMIT: "100000", ORDER_STATUS_BY: "owner" };
  return startHalftone({ services, state, bundled: true, admin: false, vars });
}

beforeAll(async () => {
  audit = await start(["audit"]);
  rest = await start(["gateway", "auth", "orders", "webhooks"]);
}, FIVE_MINUTES_MS);

afterAll(async () => {
  await Promise.all([audit.kill(), rest.kill()]);
  rmSync(state, { recursive: true, force: true });
});

/** Asks as the answers say: again after Retry-After, for as long as they name it. */
async function askPatiently(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await ask();
    const seconds = answer.headers.get("Retry-After");
    if (seconds === null) return answer;
    await answer.arrayBuffer();
    await wait(Number(seconds) * 1_000);
  }
}

async function placeAndDeliver(client: Client): Promise<string> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() };
  const body = JSON.stringify({ product: "Print", quantity: 1, price: 9.99 });
  const placed = await askPatiently(() => client.fetch("/api/orders", { method: "POST", headers, body }));
  expect(placed.status).toBe(201);
  const { id } = (await placed.json()) as { id: string };
  for (const status of STEPS) await moveTo(client, id, status);
  return id;
}

/** A move whose answer was lost may have been made: then the next is refused, and the order stands where it should. */
async function moveTo(client: Client, id: string, status: string): Promise<void> {
  const moved = await askPatiently(() => client.send("PUT", `/api/orders/${id}/status`, { status }));
  const order = moved.status === 409 ? await client.fetch(`/api/orders/${id}`) : moved;
  expect([order.status, await order.json()]).toMatchObject([200, { status }]);
}

function waitingEvents(): number {
  return disk.rows("SELECT id FROM outbox").length;
}

interface LoggedEvent {
  id: string;
  resource: string;
  sequence: number;
}

/** What the log says of orders, in the order of the log. */
function loggedOrderEvents(): LoggedEvent[] {
  const rows = disk.objectRows<{ body: string }>("halftone-audit-Log", "SELECT body FROM entry ORDER BY idx");
  const events = rows.map(({ body }) => JSON.parse(body) as LoggedEvent & { type: string });
  return events.filter(({ type }) => type.startsWith("order."));
}

test(
  `${EVENTS} events wait while the log is away, and then stand in it once each, in order`,
  async () => {
    const client = await Client.signUp(rest.url);
    await audit.kill();
    const ids: string[] = [];
    for (let placed = 0; placed < ORDERS; placed += AT_ONCE) {
      ids.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => placeAndDeliver(client)))));
    }
    expect(waitingEvents()).toBeGreaterThanOrEqual(EVENTS);
    expect(loggedOrderEvents()).toEqual([]);

    audit = await start(["audit"]);
    await expect.poll(waitingEvents, { timeout: SETTLED_WITHIN_MS, interval: 1_000 }).toBe(0);
    const logged = loggedOrderEvents();
    expect(new Set(logged.map(({ id }) => id)).size).toBe(EVENTS);
    expect(logged).toHaveLength(EVENTS);
    for (const id of ids) {
      const sequences = logged.filter(({ resource }) => resource === id).map(({ sequence }) => sequence);
      expect(sequences).toEqual([1, 2, 3, 4, 5]);
    }
  },
  FIVE_MINUTES_MS,
);

test("a change that the database has no turn for is answered 503 with a time to come again, and is made then", async () => {
  const client = await Client.signUp(rest.url);
  const placed = await client.send("POST", "/api/orders", { product: "Print", quantity: 1, price: 9.99 });
  const { id } = (await placed.json()) as { id: string };
  const move = () => client.send("PUT", `/api/orders/${id}/status`, { status: "confirmed" });
  await disk.hold("orders", async () => {
    const refused = await move();
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: "service_unavailable" }]);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  });
  expect((await move()).status).toBe(200);
});
