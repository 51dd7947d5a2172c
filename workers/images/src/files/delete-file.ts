import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { StoredFile } from "../schema.ts";
import { copyKey, FIRST_GENERATION, isStoredFor } from "../storage/keys.ts";
import type { Objects } from "../storage/objects.ts";
import type { TrashRepo } from "../storage/trash.repo.ts";
import type { BegunObjects } from "../uploads/begun-objects.ts";
import type { FilesRepo, Legacy } from "./files.repo.ts";

interface DeleteFileDeps {
  files: Pick<FilesRepo, "find" | "findHeir" | "isImage" | "remove">;
  begun: BegunObjects;
  objects: Pick<Objects, "copy" | "delete">;
  trash: Pick<TrashRepo, "forget">;
  /** Tells the caches that these are gone. */
  uncache(keys: string[]): void;
  commit: Commit;
  storagePath: string;
}

/** A resize job that ends meanwhile changes the file at most twice; twins come and go more rarely. */
const TRIES = 3;

/**
 * Deletes a file, and the image and sizes that were made of it. Whoever still works on it finds its rows gone and
 * cleans up after itself.
 */
export async function deleteFile(
  deps: DeleteFileDeps,
  actor: Actor,
  found: StoredFile,
): Promise<Result<null, "not_found" | "conflict">> {
  const isImage = await deps.files.isImage(found.id);
  let file: StoredFile | null = found;
  for (let tries = 0; tries < TRIES; tries++) {
    if (file === null) return fail("not_found", "Somebody else deleted it meanwhile.");
    const current: StoredFile = file;
    const event = newEvent(actor, {
      type: isImage ? "image.deleted" : "file.deleted",
      account: current.userId,
      resource: current.id,
      sequence: current.version + 1,
      metadata: { filename: current.name, size: current.bytes, mimeType: current.mimeType },
    });
    const legacy = await makeLegacy(deps, current);
    const keys = await deps.commit(() => deps.files.remove(current, event, legacy));
    if (keys !== null) {
      await deps.objects.delete(keys);
      deps.uncache(keys);
      await deps.trash.forget(keys);
      return ok(null);
    }
    if (legacy.copy !== null) await throwAway(deps, legacy.copy.key);
    file = await deps.files.find(found.id);
  }
  return fail("conflict", "This is being worked on. Try again in a moment.");
}

/**
 * Files with the same bytes have one object between them. Links to the file that it was stored for open it without
 * looking for a row, so with that file the object goes as well, and the others get a copy.
 */
async function makeLegacy(deps: DeleteFileDeps, file: StoredFile): Promise<Legacy> {
  const heir = await deps.files.findHeir(file);
  if (heir === null || !isStoredFor(file.id, file.key)) return { isShared: heir !== null, copy: null };
  const owner = { userId: heir.userId, fileId: heir.id, generation: FIRST_GENERATION };
  const key = copyKey(deps.storagePath, owner);
  await deps.begun.begin(key);
  const copied = await deps.objects.copy(file.key, key, file.mimeType);
  if (copied !== null) return { isShared: true, copy: { key, etag: copied.etag } };
  await deps.begun.forget(key);
  return { isShared: true, copy: null };
}

/** The bytes first: while they are there, the relay knows of them. */
async function throwAway({ objects, begun }: DeleteFileDeps, key: string): Promise<void> {
  await objects.delete([key]);
  await begun.forget(key);
}
