import { FeedMessage, PING, PONG } from "./messages.ts";

/** Proxies close what is silent for a minute, and only writing tells that a client has gone. */
const HEARTBEAT_MS = 10_000;

/** Whoever is told what happens in a feed. */
export interface FeedListener {
  hear(message: FeedMessage): void;
  /** Every ten seconds: time to write something to the client. */
  beat(): void;
  /** Nothing comes any more: the feed has ended it, or gives no sign of life. */
  end(): void;
}

/**
 * Follows a user's feed for as long as both sides are there. The feed may sleep meanwhile; every heartbeat asks it for a
 * sign of life.
 * @param socket the feed's, not yet accepted
 * @returns lets go of the feed, once the client has gone
 */
export function followFeed(socket: WebSocket, listener: FeedListener): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  let hasAnswered = true;

  function letGo(): void {
    listening.abort();
    clearInterval(heartbeat);
    socket.close();
  }

  function end(): void {
    letGo();
    listener.end();
  }

  function beat(): void {
    if (hasAnswered) {
      hasAnswered = false;
      socket.send(PING);
      listener.beat();
    } else end();
  }

  function hear({ data }: MessageEvent): void {
    if (data === PONG) hasAnswered = true;
    else listener.hear(FeedMessage.parse(JSON.parse(String(data))));
  }

  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  socket.addEventListener("message", hear, { signal });
  socket.addEventListener("close", end, { signal });
  socket.addEventListener("error", end, { signal });
  socket.accept();
  return letGo;
}
