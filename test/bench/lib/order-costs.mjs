// What an order costs, placed and read, beside a bare Worker over the same database.

import { compareLoads, send } from "./load.mjs";

const TABLES = ["orders", "order_change", "outbox"];
/** What the connection adds to any answer, and the id, which each has of its own. */
const NOT_COPIED = ["connection", "keep-alive", "transfer-encoding", "date", "x-request-id"];
const ORDER = JSON.stringify({ product: "Print", quantity: 2, price: 9.99 });

/** @returns for both cases the medians of both sides, as `compareLoads` answers them */
export async function measureOrders(workers, { rounds, requests }) {
  const orders = await workers.service("orders");
  const bare = await workers.beside("bare-orders");
  const person = await signUp(await workers.service("gateway"));
  const headers = { Authorization: `Bearer ${person.accessToken}`, "Content-Type": "application/json" };
  const placing = { url: `${orders}/api/orders`, method: "POST", headers, body: ORDER };
  const first = await send(placing);
  const { id } = JSON.parse(first.body);
  const database = await workers.database("orders");
  const rows = await rowsOf(database, id);
  const ids = [id, rows.find(({ table }) => table === "outbox").row.id];
  const options = { meter: workers.meter, rounds, requests };

  await teach(bare, { rows, ids, userId: person.userId, answer: answerOf(first) });
  const create = await compareLoads({ bare: { ...placing, url: bare }, orders: placing }, { ...options, status: 201 });

  const path = `/api/orders/${id}`;
  const reading = { url: orders + path, headers };
  await teach(bare, { rows, ids, userId: person.userId, answer: answerOf(await send(reading)) });
  const get = await compareLoads({ bare: { url: bare + path, headers }, orders: reading }, options);
  return { create, get };
}

/** The rows that one order has become. */
async function rowsOf(database, orderId) {
  const found = [];
  for (const table of TABLES) {
    const { results } = await database.prepare(`SELECT * FROM ${table}`).all();
    const own = results.filter((row) => JSON.stringify(row).includes(orderId));
    if (own.length === 0) throw new Error(`An order leaves nothing in ${table}.`);
    found.push(...own.map((row) => ({ table, row })));
  }
  return found;
}

function answerOf({ status, headers, body }) {
  const kept = Object.entries(headers).filter(([name]) => !NOT_COPIED.includes(name) && name !== "content-length");
  return { status, headers: Object.fromEntries(kept), body: body.toString() };
}

async function teach(bare, model) {
  const answer = await fetch(bare, { method: "PUT", body: JSON.stringify(model) });
  if (!answer.ok) throw new Error(`The bare Worker answered ${answer.status}.`);
}

async function signUp(gateway) {
  const answer = await fetch(`${gateway}/api/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "CF-Connecting-IP": "192.0.2.1" },
    body: JSON.stringify({ email: `bench-${Date.now()}@example.com`, password: "a-password-of-our-own" }),
  });
  if (!answer.ok) throw new Error(`Nobody could be signed up: ${await answer.text()}`);
  return answer.json();
}
