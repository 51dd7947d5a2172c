import type { Failure, Result } from "../../../../shared/result.ts";
import type { News } from "../feed/photo-news.ts";
import type { Image } from "../schema.ts";

export interface WatchDeps {
  find(id: string): Promise<Image | null>;
  /** Opens the feed of the photo's owner. */
  follow(id: string): Promise<Result<FollowedPhoto, "rate_limited">>;
  /** Whether the session that asked is still open. */
  sessionIsLive(): Promise<boolean>;
  /** When the token, cookie or key runs out that the caller has shown, Unix milliseconds. */
  expiresAt: number;
  now(): number;
}

interface FollowedPhoto {
  /** Waits at most so many milliseconds. Throws when the caller has gone or their deadline has passed. */
  next(ms: number): Promise<News>;
  close(): void;
}

export type WatchRefusal = Failure<"not_found" | "unauthenticated" | "rate_limited" | "service_unavailable">;

/** Nobody watches longer without asking again: a caller that was forgotten must not cost for ever. */
export const WATCH_MAX_MS = 300_000;
/** A watch ends within five seconds of its session (C5). */
const CHECK_SESSION_MS = 2_000;

/**
 * Follows a photo: its state now, then each new one, until its sizes are made or have failed; at every beat of the feed
 * the last state again, because only writing tells that a reader has gone.
 * The return value says why the states ended: null where there is nothing more to tell, or the time is over.
 */
export async function* watchImage(deps: WatchDeps, image: Image): AsyncGenerator<Image, WatchRefusal | null> {
  if (isSettled(image)) {
    yield image;
    return null;
  }
  const followed = await deps.follow(image.id);
  if (!followed.ok) return followed.failure;
  try {
    return yield* tellStates(deps, followed.value, image.id);
  } finally {
    followed.value.close();
  }
}

async function* tellStates(
  deps: WatchDeps,
  photo: FollowedPhoto,
  id: string,
): AsyncGenerator<Image, WatchRefusal | null> {
  const endsAt = Math.min(deps.now() + WATCH_MAX_MS, deps.expiresAt);
  // Read anew: of what came before it was opened the feed says nothing.
  let known = await deps.find(id);
  while (known !== null) {
    yield known;
    if (isSettled(known)) return null;
    const next = await nextState(deps, photo, known, endsAt);
    if (next === null || !("status" in next)) return next;
    known = next;
  }
  return DELETED;
}

const DELETED = { code: "not_found", detail: "The photo was deleted." } as const;
const RUN_OUT = {
  code: "unauthenticated",
  detail: "What you have shown has run out. Come again with a new one.",
} as const;
const SESSION_ENDED = { code: "unauthenticated", detail: "This session has ended. Sign in again." } as const;
const FEED_LOST = { code: "service_unavailable", detail: "The photo cannot be followed at the moment." } as const;

/** The state to tell next, or why there is none; null where the time is over. */
async function nextState(
  deps: WatchDeps,
  photo: FollowedPhoto,
  known: Image,
  endsAt: number,
): Promise<Image | WatchRefusal | null> {
  while (deps.now() < endsAt) {
    const news = await photo.next(Math.min(CHECK_SESSION_MS, endsAt - deps.now()));
    if (!(await deps.sessionIsLive())) return SESSION_ENDED;
    // The feed of a user who is erased goes after the photos.
    if (news === "over") return (await deps.find(known.id)) === null ? DELETED : FEED_LOST;
    if (news === "beat") return known;
    if (news === "nothing") continue;
    const present = await deps.find(known.id);
    if (present === null) return DELETED;
    if (present.status !== known.status || present.generation !== known.generation) return present;
  }
  return endsAt < deps.expiresAt ? null : RUN_OUT;
}

function isSettled({ status }: Image): boolean {
  return status === "complete" || status === "failed";
}
