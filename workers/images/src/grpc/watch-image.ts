import type { Failure } from "../../../../shared/result.ts";
import type { Image } from "../schema.ts";

export interface WatchDeps {
  find(id: string): Promise<Image | null>;
  /** Whether the session that asked is still open. */
  sessionIsLive(): Promise<boolean>;
  /** Throws when the caller has gone or their deadline has passed. */
  wait(ms: number): Promise<void>;
  now(): number;
}

/** Nobody watches longer without asking again: a caller that was forgotten must not cost for ever. */
const WATCH_MAX_MS = 300_000;
/** Most photos are complete within these first seconds; a longer wait is asked about less often. */
const EAGER_MS = 10_000;
const EAGER_STEP_MS = 500;
const PATIENT_STEP_MS = 2_000;

/**
 * Follows a photo: its state now, then each new one, until its sizes are made or have failed.
 * The return value says why the states ended: null where there is nothing more to tell, or the time is over.
 */
export async function* watchImage(
  deps: WatchDeps,
  image: Image,
): AsyncGenerator<Image, Failure<"not_found" | "unauthenticated"> | null> {
  const beganAt = deps.now();
  yield image;
  for (let known = image; !isSettled(known); ) {
    const elapsed = deps.now() - beganAt;
    if (elapsed >= WATCH_MAX_MS) break;
    await deps.wait(elapsed < EAGER_MS ? EAGER_STEP_MS : PATIENT_STEP_MS);
    if (!(await deps.sessionIsLive()))
      return { code: "unauthenticated", detail: "This session has ended. Sign in again." };
    const present = await deps.find(image.id);
    if (present === null) return { code: "not_found", detail: "The photo was deleted." };
    if (present.status === known.status && present.generation === known.generation) continue;
    yield present;
    known = present;
  }
  return null;
}

function isSettled({ status }: Image): boolean {
  return status === "complete" || status === "failed";
}
