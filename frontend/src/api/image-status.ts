import type { ImageStatusView } from "../../../shared/contracts/images.ts";
import type { Problem } from "./answer.ts";
import { callApi } from "./call.ts";
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

const watches = new Map<string, Watch>();

/**
 * Asks for an image's status with growing gaps until it is complete or failed. All who watch the same image share one question.
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
  schedule(id, watch);
  return watch;
}

function stopWatch(id: string, watch: Watch): void {
  clearTimeout(watch.timer);
  if (watches.get(id) === watch) watches.delete(id);
}

function schedule(id: string, watch: Watch): void {
  if (document.hidden || watches.get(id) !== watch) return;
  watch.timer = setTimeout(() => ask(id, watch), watch.gapMs);
  watch.gapMs = Math.min(watch.gapMs * GAP_GROWTH, LONGEST_GAP_MS);
}

async function ask(id: string, watch: Watch): Promise<void> {
  watch.timer = undefined;
  watch.isAsking = true;
  const answer = await callApi<ImageStatusView>(`/api/images/${encodeURIComponent(id)}/status`);
  watch.isAsking = false;
  if (watches.get(id) !== watch) return;
  const outcome = answer.ok ? readOutcome(answer.value) : readRefusal(answer.problem);
  if (outcome === null) return schedule(id, watch);

  stopWatch(id, watch);
  for (const listener of watch.listeners) listener(outcome);
}

function readOutcome(view: ImageStatusView): Outcome | null {
  if (view.status !== "complete" && view.status !== "failed") return null;
  return { status: view.status, reason: view.errorMessage };
}

/** An image that is gone will not come back; anything else may pass, so the question is asked again. */
function readRefusal(problem: Problem): Outcome | null {
  return problem.status === 404 ? { status: "failed", reason: problem.detail } : null;
}

/** A hidden page asks nothing; one that is looked at again asks soon. */
document.addEventListener("visibilitychange", () => {
  for (const [id, watch] of watches) {
    clearTimeout(watch.timer);
    watch.timer = undefined;
    watch.gapMs = FIRST_GAP_MS;
    if (!watch.isAsking) schedule(id, watch);
  }
});

whenPersonChanges(() => {
  for (const [id, watch] of watches) stopWatch(id, watch);
});
