// docs/benchmarks-bytes.md out of the results.

import workerd from "workerd";
import { machine, table } from "./machine.mjs";

/** @returns {string} Markdown */
export function writeBytesReport({ rounds, requests, others, ten, fifty, byName, search, gallery, signing }) {
  return `# Benchmarks of lists and links

Written by \`npm run bench:bytes\`; figures of one machine, so read the ratios.

- ${machine()}
- workerd ${workerd.version}, Node ${process.versions.node}
- medians of ${rounds} rounds of ${requests.toLocaleString("en")} requests, 16 at a time, in which the sides take turns

The images Worker runs as it would be deployed, and is asked on a socket of its own. What is counted is all the CPU of
workerd for one request: the Worker, and the database that it asks.

## A list, however many there are

Each column is somebody who has so many photos. In the same database lie ${others.toLocaleString("en")} photos of somebody else, all of
them newer. The ratio is to the first column within each round.

${listTable({
  "`limit=10`": ten,
  "`limit=50`": fifty,
  "`limit=50&sort=originalName`": byName,
})}

A search reads the names of all photos of its owner within an index, so it is the one list that grows:

${listTable({ "`limit=50&search=777`": search })}

## A gallery in one call

A hundred photos: the plain list, and \`?expand=sizes&sign=1h\` with 500 links, all signed anew, and all dimensions.

${table(["plain list", "expanded (ratio)"], [[milliseconds(gallery.plain.cpuMs), cell(gallery.expanded)]])}

## A signed link

${signing.links} links made at once, less a request that makes none: **${signing.microseconds.toFixed(1)} µs** each.
`;
}

function listTable(lists) {
  const counts = [...new Set(Object.values(lists).flatMap((list) => Object.keys(list)))];
  const rows = Object.entries(lists).map(([name, list]) => [name, ...counts.map((count) => cell(list[count]))]);
  return table(["list", ...counts.map((count) => Number(count).toLocaleString("en"))], rows);
}

function cell(result) {
  return result === undefined ? "" : `${milliseconds(result.cpuMs)} (${result.ratio.toFixed(2)})`;
}

const milliseconds = (ms) => `${ms.toFixed(2)} ms`;
