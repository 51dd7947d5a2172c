// What a process has used, as Linux tells it.

import { readFileSync, writeFileSync } from "node:fs";

/** Length of a clock tick of /proc: USER_HZ is 100 on every Linux that workerd runs on. */
const TICK_MS = 10;
/** Fields of /proc/<pid>/stat behind the program's name (proc_pid_stat(5), where they have the numbers 14 and 15). */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const KIB = 1024;
/** Written to clear_refs, it sets the high-water mark back to what is resident now. */
const RESET_PEAK = "5";

export function processMeter(pid) {
  const resident = (name) => {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) * KIB;
  };
  return {
    /** CPU of all threads since the process began, in steps of 10 ms. */
    cpuMs() {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) * TICK_MS;
    },
    residentBytes: () => resident("VmRSS"),
    peakBytes: () => resident("VmHWM"),
    resetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK),
  };
}
