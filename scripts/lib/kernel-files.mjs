// Where the kernel's sources lie and where it is built.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { root } from "./paths.mjs";

export const kernelFolder = join(root, "workers/resizer/kernel");

/** Everything that is fetched and unpacked; safe to delete. */
export const kernelCache = join(root, ".cache/kernel");

/** @param {Uint8Array} bytes */
export function sha256Of(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}
