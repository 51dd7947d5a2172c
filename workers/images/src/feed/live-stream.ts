import { followFeed } from "./follow-feed.ts";
import type { FeedMessage } from "./messages.ts";

/** What a client may leave unread: more than a replay of a whole feed. Who reads slower is cut off and comes again. */
const BACKLOG_MAX_BYTES = 512 * 1024;
/** A client that lost its stream comes again after this time. */
const RETRY_MS = 1_000;

const encoder = new TextEncoder();

/**
 * A user's feed as a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * @param socket the feed's, not yet accepted
 */
export function liveStream(socket: WebSocket): ReadableStream<Uint8Array> {
  // The runtime's own: of a stream that is made in JavaScript it never tells that its reader has gone.
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  let unreadBytes = 0;

  function write(text: string): void {
    const bytes = encoder.encode(text);
    unreadBytes += bytes.length;
    const noteRead = () => {
      unreadBytes -= bytes.length;
    };
    if (unreadBytes > BACKLOG_MAX_BYTES) cutOff();
    else writer.write(bytes).then(noteRead, letGo);
  }

  function cutOff(): void {
    letGo();
    void writer.abort().catch(() => undefined);
  }

  const letGo = followFeed(socket, {
    hear: (message) => write(toText(message)),
    beat: () => write(": \n\n"),
    end: () => void writer.close().catch(() => undefined),
  });
  write(`retry: ${RETRY_MS}\n\n`);
  return readable;
}

/** An id alone is no event, but the client names it when it comes again. */
function toText({ event, id, data }: FeedMessage): string {
  return data === null ? `id: ${id}\n\n` : `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}
