// Finds a process among this one's ancestors.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/**
 * @param {string} name part of the command line
 * @returns {number} the process id of the nearest ancestor so named, or of the parent when there is none
 */
export function ancestorNamed(name) {
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    if (programOf(pid).includes(name)) return pid;
  }
  return process.ppid;
}

/** Linux tells in /proc, which small containers have where `ps` is missing; macOS has only `ps`. */
function parentOf(pid) {
  if (existsSync(`/proc/${pid}/status`))
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
}

/** The program and its script, without its arguments: the shell in between has the hook's own name in them. */
function programOf(pid) {
  const commandLine = existsSync(`/proc/${pid}/cmdline`)
    ? readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").join(" ")
    : execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  return commandLine.includes("wrangler-dev-hook") ? "" : commandLine;
}
