import { setTimeout as sleep } from "node:timers/promises";
import type { Disk } from "../system/support/disk.ts";

const LOOK_EVERY_MS = 500;
/** Objects that keep an outbox of their own. */
const WITH_OUTBOX = ["halftone-auth-UserSessions", "halftone-audit-Log"];

/** What is still to be done, as it lies on the disk. */
export function openWork(disk: Disk): Record<string, number> {
  const waiting = "SELECT id FROM outbox WHERE set_aside IS NULL";
  const untold = "SELECT id FROM delivery WHERE state IN ('waiting', 'behind')";
  return {
    jobs: disk.rows("SELECT id FROM job WHERE status IN ('pending', 'processing')").length,
    events: disk.rows(waiting).length + WITH_OUTBOX.flatMap((name) => disk.objectRows(name, waiting)).length,
    webhooks: disk.objectRows("halftone-webhooks-WebhookQueue", untold).length,
    trash: disk.rows("SELECT key FROM trash").length,
  };
}

/**
 * Waits, without sending any request, until nothing is left to do, or until the time is over.
 * @param look counts what is left
 * @param started from when on the time is counted (Unix milliseconds)
 * @returns how many milliseconds it took, and what was left then
 */
export async function untilNone(
  look: () => Record<string, number>,
  limitMs: number,
  started = Date.now(),
): Promise<{ ms: number; left: Record<string, number> }> {
  for (;;) {
    const left = look();
    const ms = Date.now() - started;
    if (Object.values(left).every((count) => count === 0) || ms > limitMs) return { ms, left };
    await sleep(LOOK_EVERY_MS);
  }
}

/** Uploads that were cut off between their first byte and their row: what came of them is given up after minutes. */
export function cutUploads(disk: Disk): Record<string, number> {
  return { uploads: disk.rows("SELECT key FROM begun_object").length };
}
