import { FeedMessage, PING, PONG } from "./messages.ts";

/** Proxies close what is silent for a minute, and only writing tells that a client has gone. */
const HEARTBEAT_MS = 10_000;
/** What a client may leave unread: more than a replay of a whole feed. Who reads slower is cut off and comes again. */
const BACKLOG_MAX_BYTES = 512 * 1024;
/** A client that lost its stream comes again after this time. */
const RETRY_MS = 1_000;

const encoder = new TextEncoder();

/**
 * A user's feed as a stream of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), for
 * as long as both sides are there. The feed may sleep meanwhile; every heartbeat asks it for a sign of life.
 * @param socket the feed's, not yet accepted
 */
export function liveStream(socket: WebSocket): ReadableStream<Uint8Array> {
  // The runtime's own: of a stream that is made in JavaScript it never tells that its reader has gone.
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  const listening = new AbortController();
  const { signal } = listening;
  let unreadBytes = 0;
  let hasAnswered = true;

  function letGo(): void {
    listening.abort();
    clearInterval(heartbeat);
    socket.close();
  }

  function end(): void {
    letGo();
    void writer.close().catch(() => undefined);
  }

  function cutOff(): void {
    letGo();
    void writer.abort().catch(() => undefined);
  }

  function write(text: string): void {
    const bytes = encoder.encode(text);
    unreadBytes += bytes.length;
    const noteRead = () => {
      unreadBytes -= bytes.length;
    };
    if (unreadBytes > BACKLOG_MAX_BYTES) cutOff();
    else writer.write(bytes).then(noteRead, letGo);
  }

  function beat(): void {
    if (hasAnswered) {
      hasAnswered = false;
      socket.send(PING);
      write(": \n\n");
    } else end();
  }

  function hear({ data }: MessageEvent): void {
    if (data === PONG) hasAnswered = true;
    else write(toText(FeedMessage.parse(JSON.parse(String(data)))));
  }

  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  socket.addEventListener("message", hear, { signal });
  socket.addEventListener("close", end, { signal });
  socket.addEventListener("error", end, { signal });
  write(`retry: ${RETRY_MS}\n\n`);
  socket.accept();
  return readable;
}

/** An id alone is no event, but the client names it when it comes again. */
function toText({ event, id, data }: FeedMessage): string {
  return data === null ? `id: ${id}\n\n` : `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}
