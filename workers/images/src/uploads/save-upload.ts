import type { KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { FilesRepo } from "../files/files.repo.ts";
import type { Ingested, StoredFile } from "../schema.ts";
import type { Objects } from "../storage/objects.ts";
import type { TrashRepo } from "../storage/trash.repo.ts";
import { noAccount } from "./upload-refusal.ts";

export interface SaveDeps {
  files: Pick<FilesRepo, "insert" | "findTwin" | "isErased">;
  /** Whatever knows of the bytes until now; null where the door does itself. */
  begun: object | null;
  objects: Pick<Objects, "delete" | "head">;
  trash: Pick<TrashRepo, "forget">;
  commit: Commit;
  /** What is answered, to be kept with the rows; absent at the doors where nobody can ask for that. */
  keep?: (saved: NewIngested) => Promise<KeptAnswer | null>;
}

/** An upload whose SHA-256 is known, as every new one's is. */
export type NewIngested = Ingested & { file: StoredFile & { sha256: string } };

/** Another upload or a deletion of the same bytes may come between the look and the batch, but hardly again and again. */
const TRIES = 3;

/**
 * Writes the rows of an upload. Where its user has stored the same bytes already, the new file gets their object, and the
 * one that came is thrown away.
 */
export async function saveUpload(
  deps: SaveDeps,
  actor: EventOrigin,
  ingested: NewIngested,
): Promise<Result<Ingested, "unauthenticated" | "busy">> {
  const { file, image } = ingested;
  const event = newEvent(actor, {
    type: image === null ? "file.uploaded" : "image.uploaded",
    account: file.userId,
    resource: file.id,
    sequence: file.version,
    metadata: { filename: file.name, size: file.bytes, mimeType: file.mimeType },
  });
  for (let tries = 0; tries < TRIES; tries++) {
    const twin = await deps.files.findTwin(file);
    const isShared = twin !== null && (await deps.objects.head(twin.key)) !== null;
    const saved = { ...ingested, file: isShared ? { ...file, key: twin.key, etag: twin.etag } : file };
    const kept = (await deps.keep?.(saved)) ?? null;
    const written = await deps.commit(() =>
      deps.files.insert(saved, event, { key: file.key, twin, isBegun: deps.begun !== null }, kept),
    );
    if (written && isShared) await throwAway(deps, file.key);
    if (written) return ok(saved);
    if (await deps.files.isErased(file.userId)) return noAccount();
  }
  return fail("busy", "The same file is being uploaded or deleted elsewhere. Send this one again in a moment.");
}

/** Deletes the bytes of a file that is stored already. They are in the trash: if this fails, the relay does it. */
async function throwAway({ objects, trash }: SaveDeps, key: string): Promise<void> {
  await objects.delete([key]);
  await trash.forget([key]);
}
