import type { Channel } from "../../../../shared/outbox/relay.do.ts";
import type { Objects } from "../storage/objects.ts";
import type { BegunObjectsRepo } from "./begun-objects.repo.ts";

/**
 * An upload that began this long ago and has no row is lost: the process died, or the connection without a word. The
 * gateway waits two minutes for the answer to a request, so none that is still under way is taken for lost; and if one
 * is, its rows are refused and its client is told to send it again.
 */
const LOST_AFTER_MS = 5 * 60_000;

/** Gives up the uploads that died between their first byte and their row. */
export class LostUploadsChannel implements Channel {
  readonly #begun: Pick<BegunObjectsRepo, "oldest" | "discard">;
  readonly #objects: Pick<Objects, "abortParts">;
  readonly #now: () => number;

  constructor(
    begun: Pick<BegunObjectsRepo, "oldest" | "discard">,
    objects: Pick<Objects, "abortParts">,
    now = Date.now,
  ) {
    this.#begun = begun;
    this.#objects = objects;
    this.#now = now;
  }

  async announce(): Promise<boolean> {
    const begun = await this.#begun.oldest();
    const begunBefore = this.#now() - LOST_AFTER_MS;
    const lost = begun.filter(({ begunAt }) => begunAt < begunBefore);
    // The parts first: once the row is gone nobody knows of them.
    for (const { key, partsId } of lost) {
      if (partsId !== null) await this.#objects.abortParts(key, partsId);
    }
    const keys = lost.map(({ key }) => key);
    if (keys.length > 0) await this.#begun.discard(keys, begunBefore);
    return begun.length > 0;
  }
}
