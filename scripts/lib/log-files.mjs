// The Workers' log lines as files: one per service, whole JSON lines, one earlier file kept.

import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

/** A longer file becomes `<service>.1.log` at the next start, in place of the one before. */
const ROTATE_AT_BYTES = 5 * 1024 * 1024;

/**
 * @param {string} folder
 * @returns {{ write(name: string, line: string): void }}
 */
export function openLogFiles(folder) {
  mkdirSync(folder, { recursive: true });
  const rotated = new Set();
  return {
    write(name, line) {
      const file = join(folder, `${name}.log`);
      if (!rotated.has(name)) rotateIfLong(file);
      rotated.add(name);
      // Written at once: after a crash the last lines are the ones that matter.
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    },
  };
}

function rotateIfLong(file) {
  if (!existsSync(file) || statSync(file).size < ROTATE_AT_BYTES) return;
  renameSync(file, file.replace(/\.log$/, ".1.log"));
}
