import type { ImageSummary, UploadView } from "../../../../shared/contracts/images.ts";
import type { Answer, Problem } from "../../api/answer.ts";
import type { Outcome } from "../../api/image-status.ts";
import type { SendOptions } from "../../api/send-file.ts";
import { createStore, type Store } from "../../store.ts";

/** Where an upload stands. `fraction` runs from 0 to 1. */
export type UploadPhase =
  | { name: "waiting" }
  | { name: "sending"; fraction: number }
  | { name: "processing"; imageId: string }
  | { name: "ready"; imageId: string }
  | { name: "failed"; sentence: string; mayRetry: boolean };

export interface Upload {
  id: number;
  file: File;
  phase: UploadPhase;
}

/** What the queue needs from the outside. */
export interface UploadQueueParts {
  sendFile(file: File, options: SendOptions): Promise<Answer<UploadView>>;
  watchImage(imageId: string, listener: (outcome: Outcome) => void): () => void;
}

export interface UploadQueue {
  uploads: Store<readonly Upload[]>;
  add(files: readonly File[]): void;
  retry(id: number): void;
  /** Stops an upload and takes it from the list. A photo that has arrived stays in the gallery. */
  remove(id: number): void;
  removeReady(): void;
  clear(): void;
  /** Hears of every photo as soon as the server has it. */
  onAccepted(listener: (photo: ImageSummary) => void): void;
}

/** More at once would only share the same line, and the server's room for uploads. */
const SENDING_AT_ONCE = 3;

const NO_PICTURE = "This file was stored, but it is no picture: there are no sizes to make.";

/** Sends files, a few at a time, and follows each until its sizes are made. */
export function createUploadQueue(parts: UploadQueueParts): UploadQueue {
  const uploads = createStore<readonly Upload[]>([]);
  /** How to stop what an upload is doing at the moment. */
  const stops = new Map<number, () => void>();
  const acceptedListeners = new Set<(photo: ImageSummary) => void>();
  let lastId = 0;

  function setPhase(id: number, phase: UploadPhase): void {
    uploads.set(uploads.get().map((upload) => (upload.id === id ? { ...upload, phase } : upload)));
  }

  function startWaiting(): void {
    const sending = uploads.get().filter((upload) => upload.phase.name === "sending").length;
    const waiting = uploads.get().filter((upload) => upload.phase.name === "waiting");
    for (const upload of waiting.slice(0, Math.max(0, SENDING_AT_ONCE - sending))) void send(upload);
  }

  async function send({ id, file }: Upload): Promise<void> {
    const abort = new AbortController();
    stops.set(id, () => abort.abort());
    setPhase(id, { name: "sending", fraction: 0 });
    const answer = await parts.sendFile(file, {
      signal: abort.signal,
      onProgress: (fraction) => setPhase(id, { name: "sending", fraction }),
    });
    // A removed upload leaves the list before its connection ends.
    if (!abort.signal.aborted) {
      stops.delete(id);
      if (answer.ok) accept(id, answer.value);
      else setPhase(id, { name: "failed", sentence: sentenceOf(answer.problem), mayRetry: mayRetry(answer.problem) });
    }
    startWaiting();
  }

  function accept(id: number, view: UploadView): void {
    const { imageId } = view;
    if (imageId === undefined) {
      setPhase(id, { name: "failed", sentence: NO_PICTURE, mayRetry: false });
      return;
    }
    for (const listener of acceptedListeners) listener(summaryOf(imageId, view));
    setPhase(id, { name: "processing", imageId });
    stops.set(
      id,
      parts.watchImage(imageId, (outcome) => {
        stops.delete(id);
        setPhase(id, phaseOf(outcome, imageId));
      }),
    );
  }

  function remove(id: number): void {
    stops.get(id)?.();
    stops.delete(id);
    uploads.set(uploads.get().filter((upload) => upload.id !== id));
    startWaiting();
  }

  return {
    uploads,
    add(files) {
      const added = files.map((file): Upload => ({ id: ++lastId, file, phase: { name: "waiting" } }));
      uploads.set([...uploads.get(), ...added]);
      startWaiting();
    },
    retry(id) {
      setPhase(id, { name: "waiting" });
      startWaiting();
    },
    remove,
    removeReady() {
      uploads.set(uploads.get().filter((upload) => upload.phase.name !== "ready"));
    },
    clear() {
      for (const stop of stops.values()) stop();
      stops.clear();
      uploads.set([]);
    },
    onAccepted(listener) {
      acceptedListeners.add(listener);
    },
  };
}

function summaryOf(imageId: string, view: UploadView): ImageSummary {
  return {
    id: imageId,
    originalName: view.name,
    status: view.status ?? "pending",
    width: view.width ?? 0,
    height: view.height ?? 0,
    thumbHash: null,
    dominantColour: null,
    uploadedAt: view.created,
    processedAt: null,
  };
}

function phaseOf(outcome: Outcome, imageId: string): UploadPhase {
  if (outcome.status === "complete") return { name: "ready", imageId };
  const sentence = outcome.reason ?? "The sizes of this photo could not be made.";
  return { name: "failed", sentence, mayRetry: false };
}

/** A field error says more than the sentence about the whole request. */
function sentenceOf(problem: Problem): string {
  return problem.errors[0]?.message ?? problem.detail;
}

/** The same file can only fare better when the reason lay elsewhere. */
function mayRetry(problem: Problem): boolean {
  const isPassing = problem.status === 0 || problem.status === 401 || problem.status === 429;
  return isPassing || problem.status >= 500;
}
