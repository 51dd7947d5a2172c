// docs/benchmarks-gateway.md out of the results.

import workerd from "workerd";
import { machine, table } from "./machine.mjs";

/** @returns {string} Markdown */
export function writeGatewayReport({ rounds, requests, photos, rows }) {
  return `# Benchmarks of the gateway

Written by \`npm run bench:gateway\`; figures of one machine, so read the ratios.

- ${machine()}
- workerd ${workerd.version}, Node ${process.versions.node}
- medians of ${rounds} rounds of ${requests.toLocaleString("en")} requests, 16 at a time, in which the sides take turns

The Workers run as they would be deployed, in one workerd, and every side is asked on a socket of its own, without
what \`wrangler dev\` adds. *Directly* is the same request to the service itself. The *null Worker* does the least that
can be done for the same answer: it makes an id, writes the same line to the log, and gives the same status and headers,
with the same bytes, which it reads from the same bucket where they come from there. Two things are left out because they
are the platform's work and only a stand-in for it runs locally: Cloudflare's coarse counter of addresses, and the files of
the page.

## Through the gateway and directly

Milliseconds of CPU for one request, everything it costs behind the door included. The service asks its database or
bucket in both columns; the gateway adds a route, an identity, an exact count and a hop.

${table(
  ["request", "through the gateway", "directly", "ratio"],
  rows.filter(({ service }) => service).map((row) => [row.name, ...cpuOf(row, "service")]),
)}

## Beside the null Worker

The small photo has ${bytes(photos.small)} bytes, the large one ${bytes(photos.large)}, as much as the \`large\` of a phone's photo; the
range is the first 64 KiB of that. Both sides read the bucket, which is a Worker and a database here and most of the cost;
for a 304 neither does. A signed link goes through two Workers, and a signature is checked; a 304 is asked of the second
one once a minute. Throughput is what both sides reached from the same client.

${table(
  ["request", "gateway", "null Worker", "ratio", "throughput"],
  rows.filter((row) => row.null).map((row) => [row.name, ...cpuOf(row, "null"), row.null.throughputRatio.toFixed(2)]),
)}
`;
}

function cpuOf(row, side) {
  return [milliseconds(row.gateway.cpuMs), milliseconds(row[side].cpuMs), row[side].cpuRatio.toFixed(2)];
}

const bytes = ({ length }) => length.toLocaleString("en");
const milliseconds = (ms) => `${ms.toFixed(2)} ms`;
