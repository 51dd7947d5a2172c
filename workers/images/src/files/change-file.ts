import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { StoredFile } from "../schema.ts";
import { cleanName } from "./disposition.ts";
import type { FilesRepo } from "./files.repo.ts";

interface ChangeFileDeps {
  files: Pick<FilesRepo, "find" | "isImage" | "change">;
  commit: Commit;
}

/** What an owner may change of a file. What is left out stays. */
export interface FileChanges {
  name?: string;
  visibility?: StoredFile["visibility"];
}

/** A resize job that ends meanwhile changes the file at most twice. */
const TRIES = 3;

/**
 * Renames a file, or says who may read it; a photo's name is its file's. What is already so is no change and no event.
 * @param isUnchanged whether the file is still the one that the caller wants to change
 */
export async function changeFile(
  deps: ChangeFileDeps,
  actor: Actor,
  found: StoredFile,
  changes: FileChanges,
  isUnchanged: (file: StoredFile) => boolean,
): Promise<Result<StoredFile, "not_found" | "conflict" | "precondition_failed">> {
  const isImage = await deps.files.isImage(found.id);
  let file: StoredFile | null = found;
  for (let tries = 0; tries < TRIES; tries++) {
    if (file === null) return fail("not_found", "Somebody deleted it meanwhile.");
    if (!isUnchanged(file)) return fail("precondition_failed", "This has another ETag by now. Read it again.");
    const current: StoredFile = file;
    const changed = apply(current, changes);
    const fields = (["name", "visibility"] as const).filter((field) => changed[field] !== current[field]);
    if (fields.length === 0) return ok(current);
    const event = newEvent(actor, {
      type: isImage ? "image.updated" : "file.updated",
      account: current.userId,
      resource: current.id,
      sequence: changed.version,
      metadata: { fields, filename: changed.name, visibility: changed.visibility },
    });
    if (await deps.commit(() => deps.files.change(current, changed, event))) return ok(changed);
    file = await deps.files.find(found.id);
  }
  return fail("conflict", "This is being worked on. Try again in a moment.");
}

function apply(file: StoredFile, { name, visibility }: FileChanges): StoredFile {
  return {
    ...file,
    name: name === undefined ? file.name : cleanName(name),
    visibility: visibility ?? file.visibility,
    version: file.version + 1,
  };
}
