import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import type { FilesRepo } from "../files/files.repo.ts";
import type { FailureNote } from "../jobs/jobs.repo.ts";
import type { StoredFile } from "../schema.ts";
import type { ConsistencyRepo, NamedObject } from "./consistency.repo.ts";

interface LoseDeps {
  rows: Pick<ConsistencyRepo, "markLost">;
  files: Pick<FilesRepo, "find" | "isImage">;
  commit: Commit;
}

/** The code of a photo whose original is gone. */
export const ORIGINAL_LOST = "original_lost";

const NOTE: FailureNote = {
  code: ORIGINAL_LOST,
  detail: "The bytes of this photo are lost. Upload it again.",
};

/**
 * Notes that the bytes of a file are gone, and tells its owner's log.
 * @returns false when the file is gone too, or was changed this moment: the next run looks at it again
 */
export async function loseOriginal(deps: LoseDeps, { fileId, key }: NamedObject): Promise<boolean> {
  const file = await deps.files.find(fileId);
  if (file === null || file.key !== key) return false;
  const isImage = await deps.files.isImage(fileId);
  const event = newEvent(nobodyFor(file.userId), {
    account: file.userId,
    resource: fileId,
    sequence: file.version + 1,
    ...(isImage ? photoFailed(file) : fileLost(file)),
  });
  return deps.commit(() => deps.rows.markLost(file, event.occurredAt, NOTE, event));
}

function photoFailed({ name }: StoredFile) {
  return { type: "image.failed", metadata: { filename: name, code: NOTE.code, reason: NOTE.detail } } as const;
}

function fileLost({ name, bytes, mimeType }: StoredFile) {
  return { type: "file.lost", metadata: { filename: name, size: bytes, mimeType } } as const;
}

/** Nobody's request: the system looks after an owner's things. */
function nobodyFor(userId: string) {
  return { userId, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };
}
