import { s0Checks } from "./s0-image-upload.mjs";
import { s1Checks } from "./s1-users-orders.mjs";
import { s2Checks } from "./s2-multi-resolution.mjs";
import { s3Checks } from "./s3-polyglot.mjs";
import { s4Checks } from "./s4-files-audit.mjs";

const checksBySource = [s0Checks, s1Checks, s2Checks, s3Checks, s4Checks];

/** Every check: `{ row, run(system) }`. The name of `run` is the promise; it throws when the promise is not kept. */
export const CHECKS = checksBySource.flat().map(([row, run]) => ({ row, run }));
