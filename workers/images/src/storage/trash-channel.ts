import type { Channel } from "../../../../shared/outbox/relay.do.ts";
import type { Objects } from "./objects.ts";
import type { TrashRepo } from "./trash.repo.ts";

/** Deletes the objects that no row names any more: those whose deletion a crash cut off, and those of lost attempts. */
export class TrashChannel implements Channel {
  readonly #trash: TrashRepo;
  readonly #objects: Pick<Objects, "delete">;

  constructor(trash: TrashRepo, objects: Pick<Objects, "delete">) {
    this.#trash = trash;
    this.#objects = objects;
  }

  async announce(): Promise<boolean> {
    const keys = await this.#trash.next();
    if (keys.length === 0) return false;
    await this.#objects.delete(keys);
    await this.#trash.forget(keys);
    return true;
  }
}
