import { ImageUpdate } from "../../../../shared/contracts/images.ts";
import { followFeed } from "./follow-feed.ts";
import type { FeedMessage } from "./messages.ts";

/**
 * What somebody who follows one photo has to do: read it again, give a sign of life, nothing, or stop, because nothing
 * comes any more.
 */
export type News = "changed" | "beat" | "nothing" | "over";

/** News of one photo from its owner's feed. What comes while nobody asks is one piece of news: the row tells the rest. */
export class PhotoNews {
  readonly #imageId: string;
  readonly #reader: AbortSignal;
  readonly #letGo: () => void;
  readonly #heard = new Set<News>();
  #wake = () => {};

  /**
   * @param socket the feed's, not yet accepted
   * @param reader aborts when nobody wants news any more
   */
  constructor(socket: WebSocket, imageId: string, reader: AbortSignal) {
    this.#imageId = imageId;
    this.#reader = reader;
    reader.addEventListener("abort", () => this.#wake());
    this.#letGo = followFeed(socket, {
      hear: (message) => this.#isOfPhoto(message) && this.#note("changed"),
      beat: () => this.#note("beat"),
      end: () => this.#note("over"),
    });
  }

  /** Waits for news, at most so many milliseconds. Throws when nobody wants any more. */
  async next(ms: number): Promise<News> {
    this.#reader.throwIfAborted();
    if (this.#heard.size === 0) await this.#sleep(ms);
    this.#reader.throwIfAborted();
    const [first = "nothing"] = this.#heard;
    this.#heard.delete(first);
    return first;
  }

  close(): void {
    this.#letGo();
  }

  async #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }

  #note(news: News): void {
    this.#heard.add(news);
    this.#wake();
  }

  #isOfPhoto({ event, data }: FeedMessage): boolean {
    return event === "status" && ImageUpdate.parse(JSON.parse(data)).id === this.#imageId;
  }
}
