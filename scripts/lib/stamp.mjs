// Runs a step only when the content of the files that it depends on has changed since it last succeeded.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./paths.mjs";

/** One digest over names and contents. */
export function digestOf(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${relative(root, file)}\0`);
    hash.update(readFileSync(file));
  }
  return hash.digest("hex");
}

/**
 * @param {string} folder where the stamps lie; it must vanish together with what the step made
 * @param {string} name of the step
 * @param {string} digest of what the step depends on
 * @param {() => Promise<void>} step
 */
export async function onceFor(folder, name, digest, step) {
  const stamp = join(folder, name);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  await step();
  mkdirSync(folder, { recursive: true });
  writeFileSync(stamp, digest);
}
