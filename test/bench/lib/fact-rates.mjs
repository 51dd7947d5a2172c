// How fast facts get from a service into the logs, and from there to those who subscribe.

import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 20;
/** Far more than any run takes. */
const GIVEN_UP_MS = 180_000;

/**
 * @param {{ facts: number, perCommit: number, accounts: number, start: number }} options how many logs they go to; the
 *   first fact's number
 * @returns facts per second until all are acknowledged, found by search, held by webhooks; rows written for each
 */
export async function measureFacts(workers, { facts, perCommit, accounts, start }) {
  const [orders, audit, webhooks] = await Promise.all(["orders", "audit", "webhooks"].map(workers.database));
  const logs = Array.from({ length: accounts }, () => crypto.randomUUID());
  const before = { search: await count(audit, "entry"), webhooks: await count(webhooks, "event") };
  const begun = performance.now();
  const until = async (isDone) => {
    while (!(await isDone())) {
      if (performance.now() - begun > GIVEN_UP_MS) throw new Error("The facts did not arrive.");
      await sleep(LOOK_EVERY_MS);
    }
    return (facts * 1_000) / (performance.now() - begun);
  };
  const body = JSON.stringify({ facts, perCommit, accounts: logs, start });
  const answer = await fetch(await workers.beside("facts-writer"), { method: "POST", body });
  if (!answer.ok) throw new Error(`The facts were not written: ${await answer.text()}`);
  const { rowsWritten } = await answer.json();
  const written = (facts * 1_000) / (performance.now() - begun);
  const [acknowledged, found, held] = await Promise.all([
    until(async () => (await count(orders, "outbox")) === 0),
    until(async () => (await count(audit, "entry")) === before.search + facts),
    until(async () => (await count(webhooks, "event")) === before.webhooks + facts),
  ]);
  return { accounts, written, acknowledged, found, held, rowsWritten: rowsWritten / facts };
}

async function count(database, table) {
  const row = await database.prepare(`SELECT count(*) AS rows FROM ${table}`).first();
  return row.rows;
}
