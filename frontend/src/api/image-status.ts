import type { ImageStatusView, ImageUpdate } from "../../../shared/contracts/images.ts";
import type { Problem } from "./answer.ts";
import { callApi } from "./call.ts";
import { closeLiveStatus, isLive, leaveLiveStatus, openLiveStatus } from "./live-status.ts";
import { whenPersonChanges } from "./session.ts";

/** How an image ended. */
export interface Outcome {
  status: "complete" | "failed";
  /** Why it failed, in the server's words. */
  reason: string | null;
}

type OutcomeListener = (outcome: Outcome) => void;

interface Watch {
  listeners: Set<OutcomeListener>;
  /** The next question's timer; undefined while a question is under way or the page is hidden. */
  timer: ReturnType<typeof setTimeout> | undefined;
  isAsking: boolean;
  gapMs: number;
}

/** Most photos are done within two seconds; a long queue is asked after less and less often. */
const FIRST_GAP_MS = 500;
const LONGEST_GAP_MS = 4_000;
const GAP_GROWTH = 1.5;
/** A connection can be dead for minutes before the browser knows: while the stream says nothing, it is asked after this. */
const LIVE_GAP_MS = 15_000;

const watches = new Map<string, Watch>();

const LISTENER = { onLive: askAll, onUpdate: hear, onSilence: scheduleAll };

/**
 * Hears by the stream of live status when an image is complete or failed. Where there is no stream, its status is asked
 * for with growing gaps, and beside a stream now and then. All who watch the same image share one question.
 * @returns stops listening
 */
export function watchImage(id: string, listener: OutcomeListener): () => void {
  const watch = watches.get(id) ?? startWatch(id);
  watch.listeners.add(listener);
  return () => {
    watch.listeners.delete(listener);
    if (watch.listeners.size === 0) stopWatch(id, watch);
  };
}

function startWatch(id: string): Watch {
  const watch: Watch = { listeners: new Set(), timer: undefined, isAsking: false, gapMs: FIRST_GAP_MS };
  watches.set(id, watch);
  if (!document.hidden) openLiveStatus(LISTENER);
  // What the stream has told before anybody watched is known to nobody here.
  if (isLive()) void ask(id, watch);
  else schedule(id, watch);
  return watch;
}

function stopWatch(id: string, watch: Watch): void {
  clearTimeout(watch.timer);
  if (watches.get(id) === watch) watches.delete(id);
  if (watches.size === 0) leaveLiveStatus();
}

function schedule(id: string, watch: Watch): void {
  scheduleAfter(watch.gapMs, id, watch);
  watch.gapMs = Math.min(watch.gapMs * GAP_GROWTH, LONGEST_GAP_MS);
}

function scheduleAfter(gapMs: number, id: string, watch: Watch): void {
  if (document.hidden || watches.get(id) !== watch) return;
  clearTimeout(watch.timer);
  watch.timer = setTimeout(() => ask(id, watch), gapMs);
}

async function ask(id: string, watch: Watch): Promise<void> {
  clearTimeout(watch.timer);
  watch.timer = undefined;
  watch.isAsking = true;
  const answer = await callApi<ImageStatusView>(`/api/images/${encodeURIComponent(id)}/status`);
  watch.isAsking = false;
  const outcome = answer.ok ? readOutcome(answer.value) : readRefusal(answer.problem);
  if (outcome !== null) settle(id, watch, outcome);
  else if (answer.ok && isLive()) scheduleAfter(LIVE_GAP_MS, id, watch);
  // The stream tells what comes, but not what has been while no answer could be had.
  else schedule(id, watch);
}

function settle(id: string, watch: Watch, outcome: Outcome): void {
  if (watches.get(id) !== watch) return;
  stopWatch(id, watch);
  for (const listener of watch.listeners) listener(outcome);
}

/** What was under way before the stream opened may have ended unheard. */
function askAll(): void {
  for (const [id, watch] of watches) void ask(id, watch);
}

function scheduleAll(): void {
  for (const [id, watch] of watches) {
    watch.gapMs = FIRST_GAP_MS;
    if (!watch.isAsking) schedule(id, watch);
  }
}

function hear(update: ImageUpdate): void {
  const watch = watches.get(update.id);
  if (watch === undefined) return;
  const outcome = update.status === "deleted" ? DELETED : readOutcome(update);
  if (outcome !== null) settle(update.id, watch, outcome);
}

const DELETED: Outcome = { status: "failed", reason: "This photo was deleted." };

function readOutcome({ status, errorMessage }: Pick<ImageUpdate, "status" | "errorMessage">): Outcome | null {
  return status === "complete" || status === "failed" ? { status, reason: errorMessage } : null;
}

/** An image that is gone will not come back; anything else may pass, so the question is asked again. */
function readRefusal(problem: Problem): Outcome | null {
  return problem.status === 404 ? { status: "failed", reason: problem.detail } : null;
}

/** A hidden page hears and asks nothing; one that is looked at again does soon. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    closeLiveStatus();
    for (const { timer } of watches.values()) clearTimeout(timer);
    return;
  }
  if (watches.size > 0) openLiveStatus(LISTENER);
  scheduleAll();
});

whenPersonChanges(() => {
  for (const [id, watch] of watches) stopWatch(id, watch);
  closeLiveStatus();
});
