import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SERVICES = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];

/** A line of a log, as far as tests look at it. */
export interface LogLine {
  service: string;
  level: string;
  msg: string;
  traceId?: string;
  requestId?: string;
  outcome?: string;
}

/** What the services of a copy have logged; `state` is the folder that was given to `startHalftone`. */
export function readLogs(state: string): LogLine[] {
  return SERVICES.flatMap((service) => {
    const file = join(state, "logs", `${service}.log`);
    if (!existsSync(file)) return [];
    // Behind the last line there is nothing, or the beginning of one that is being written.
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line): LogLine => JSON.parse(line));
  });
}
