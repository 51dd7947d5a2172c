import type { Actor } from "../../../shared/http/identity.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import type { FilesRepo } from "./files.repo.ts";
import type { Objects } from "./objects.ts";
import type { StoredFile } from "./schema.ts";
import type { TrashRepo } from "./trash.repo.ts";

interface DeleteFileDeps {
  files: Pick<FilesRepo, "find" | "isImage" | "remove">;
  objects: Pick<Objects, "delete">;
  trash: Pick<TrashRepo, "forget">;
  /** Tells the caches that these are gone. */
  uncache(keys: string[]): void;
  commit: Commit;
}

/** A resize job that ends meanwhile changes the file at most twice. */
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
    const keys = await deps.commit(() => deps.files.remove(current, event));
    if (keys !== null) {
      await deps.objects.delete(keys);
      deps.uncache(keys);
      await deps.trash.forget(keys);
      return ok(null);
    }
    file = await deps.files.find(found.id);
  }
  return fail("conflict", "This is being worked on. Try again in a moment.");
}
