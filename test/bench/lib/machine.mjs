// What a report says of the machine that it was made on, and how its tables are written.

import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";

const GIB = 1024 ** 3;

/** @returns {string} one line, such as "AMD EPYC, 2 cores, 24 GiB, Linux 6.18" */
export function machine() {
  const gib = (totalmem() / GIB).toFixed(0);
  return `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, ${gib} GiB, ${systemName()}`;
}

function systemName() {
  return `Linux ${readFileSync("/proc/sys/kernel/osrelease", "utf8").trim()}`;
}

/** A table in Markdown. A row that ends early leaves its last columns empty. */
export function table(head, rows) {
  const line = (cells) => `| ${head.map((_, index) => cells[index] ?? "").join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
