import type { Commit } from "../../../../shared/outbox/commit.ts";
import type { BegunObjectsRepo } from "./begun-objects.repo.ts";

/** Knows of objects from before their first byte until a row names them. */
export interface BegunObjects {
  begin(key: string): Promise<void>;
  /** That an object goes in parts, by the id that R2 gave the upload. */
  noteParts(key: string, partsId: string): Promise<void>;
  /** Its bytes are gone. */
  forget(key: string): Promise<void>;
}

/** @param watched sees to it that the relay looks, if this process dies */
export function keepBegun(repo: Pick<BegunObjectsRepo, keyof BegunObjects>, watched: Commit): BegunObjects {
  return {
    begin: (key) => watched(() => repo.begin(key, Date.now())),
    noteParts: (key, partsId) => repo.noteParts(key, partsId),
    forget: (key) => repo.forget(key),
  };
}
