import type { Objects } from "../storage/objects.ts";
import type { SessionRecord } from "./session-record.ts";

interface DiscardDeps {
  objects: Objects;
  /** Says that it is no longer under way. */
  close(record: SessionRecord): Promise<void>;
}

/** Leaves nothing of an upload in the bucket and the database, but the file that it may have become. */
export async function discardUpload({ objects, close }: DiscardDeps, record: SessionRecord): Promise<void> {
  const { key, multipartId, parts, outcome } = record;
  if (outcome === null) {
    if (multipartId !== null) {
      // One that was completed cannot be aborted, and one that an outage leaves R2 removes itself after a week.
      await objects
        .resume(key, multipartId, parts)
        .abort()
        .catch(() => undefined);
    }
    await objects.delete([key]);
  }
  await close(record);
}
