import type { ImageUpdate } from "../../../shared/contracts/images.ts";

/** What a listener hears. */
export interface LiveListener {
  /** From now on everything is told; what came before must be asked for. */
  onLive(): void;
  onUpdate(update: ImageUpdate): void;
  /** Nothing is told any more, until `onLive`. */
  onSilence(): void;
}

/** A stream is kept this long after it was needed last: the next photo often comes at once. */
const KEPT_MS = 30_000;

let source: EventSource | null = null;
let closing: ReturnType<typeof setTimeout> | undefined;

export function isLive(): boolean {
  return source?.readyState === EventSource.OPEN;
}

/** Opens the person's stream, unless it is open. The browser opens it again where the connection breaks. */
export function openLiveStatus(listener: LiveListener): void {
  clearTimeout(closing);
  if (source !== null && source.readyState !== EventSource.CLOSED) return;
  const opened = new EventSource("/api/images/events");
  source = opened;
  opened.addEventListener("open", listener.onLive);
  opened.addEventListener("reset", listener.onLive);
  opened.addEventListener("error", listener.onSilence);
  opened.addEventListener("status", ({ data }: MessageEvent<string>) => {
    const update: ImageUpdate = JSON.parse(data);
    listener.onUpdate(update);
  });
}

/** Says that nobody needs the stream any more. */
export function leaveLiveStatus(): void {
  clearTimeout(closing);
  closing = setTimeout(closeLiveStatus, KEPT_MS);
}

/** Browsers give a site few connections, so a page that nobody looks at keeps none. */
export function closeLiveStatus(): void {
  clearTimeout(closing);
  source?.close();
  source = null;
}
