// The runtime processes that this one has started, found in /proc.

import { readdirSync, readFileSync } from "node:fs";

/** @returns {number[]} ids of all processes of workerd below one process, at any depth */
export function workerdBelow(pid) {
  const processes = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, program, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
        return [{ pid: Number(name), program, parent: Number(parent) }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
  const below = (id) => processes.filter(({ parent }) => parent === id).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid)
    .filter(({ program }) => program === "workerd")
    .map((one) => one.pid);
}
