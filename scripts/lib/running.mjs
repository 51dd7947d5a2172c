// Who runs on a copy's data right now: one small file per running command, with its process id.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Stop } from "./command.mjs";

/**
 * Commands that run on this copy's data. A process id may have been given to another program since a crash; then
 * the file is wrong until it is deleted, so the messages name it.
 * @returns {{ pid: number, url: string, services: string[], file: string }[]}
 */
export function runningCommands(layout) {
  if (!existsSync(layout.running)) return [];
  return readdirSync(layout.running)
    .map((name) => join(layout.running, name))
    .map((file) => ({ ...JSON.parse(readFileSync(file, "utf8")), file }))
    .filter((command) => isAlive(command.pid));
}

/** @throws {Stop} when one of these Workers runs on the same data already: two would answer for one another */
export function assertNotRunning(layout, services) {
  const other = runningCommands(layout).find((command) =>
    command.services.some((service) => services.includes(service)),
  );
  if (other === undefined) return;
  throw new Stop(
    `Halftone already runs here, at ${other.url}: stop process ${other.pid} first (or delete ${other.file} if that is not Halftone).`,
  );
}

/** @returns {() => void} takes the entry back */
export function markRunning(layout, { url, services }) {
  mkdirSync(layout.running, { recursive: true });
  const file = join(layout.running, `${process.pid}-${services[0]}.json`);
  writeFileSync(file, JSON.stringify({ pid: process.pid, url, services }));
  return () => rmSync(file, { force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
