// docs/benchmarks-orders.md out of the results.

import workerd from "workerd";
import { machine, table } from "./machine.mjs";

/** @returns {string} Markdown */
export function writeOrdersReport({ rounds, requests, facts, perCommit, costs, rates }) {
  return `# Benchmarks of orders and facts

Written by \`npm run bench:orders\`; figures of one machine, so read the ratios.

- ${machine()}
- workerd ${workerd.version}, Node ${process.versions.node}
- medians of ${rounds} rounds

The Workers run as they would be deployed, in one workerd, without what \`wrangler dev\` adds.

## An order

CPU of workerd for one request, ${requests.toLocaleString("en")} in a round, 16 at a time, the sides taking turns. The orders Worker is asked on
a socket of its own. The *bare Worker* does what cannot be avoided, over the same database: the same rows in one batch or
the same query, one line to the log, the same status, headers and body. It has no router and no schema, knows nobody,
asks nobody whether the customer exists, and tells no relay that there is something to be fetched. All orders are of one
customer with one token: what the orders Worker remembers of both, after the first, is part of what is measured.

${table(
  ["request", "orders", "bare Worker", "ratio"],
  [
    ["place an order", ...cells(costs.create)],
    ["read an order", ...cells(costs.get)],
  ],
)}

## From the outbox into the log

${facts.toLocaleString("en")} facts, ${perCommit} per commit, one commit after the other, each followed by a nudge of the relay. Counted from the
first commit until the last is done: written to the outbox; appended, acknowledged and deleted there; found by search;
held by webhooks. Facts per second:

${table(
  ["logs", "written", "acknowledged", "found by search", "held by webhooks"],
  rates.map(({ accounts, ...rate }) => [
    accounts,
    ...[rate.written, rate.acknowledged, rate.found, rate.held].map((one) => Math.round(one).toLocaleString("en")),
  ]),
)}

D1 writes ${rates[0].rowsWritten.toFixed(2)} rows for a fact when it is inserted, and as many when it is deleted.
`;
}

function cells({ bare, orders }) {
  return [...[orders.cpuMs, bare.cpuMs].map((ms) => `${ms.toFixed(2)} ms`), orders.ratio.toFixed(2)];
}
