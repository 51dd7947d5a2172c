import { fail, ok, type Result } from "../../../../shared/result.ts";
import { prepareOutgoing } from "../delivery/outgoing.ts";
import { cutsForOwner, type StripMode } from "../privacy/leaving.ts";
import type { StoredFile } from "../schema.ts";
import type { Objects } from "../storage/objects.ts";
import type { FilesRepo } from "./files.repo.ts";
import { withPresentObject } from "./present-object.ts";

/** A file of a zip: what its owner is sent of it. */
export interface ZipEntry {
  file: StoredFile;
  bytes: number;
  /** Null where the object is gone. */
  open(): Promise<{ body: ReadableStream<Uint8Array> } | null>;
}

interface ZipEntryDeps {
  objects: Objects;
  files: Pick<FilesRepo, "find">;
}

/** Says what of a file stands in a zip for its owner: the same as in a download of the file alone. */
export async function prepareEntry(
  { objects, files }: ZipEntryDeps,
  mode: StripMode,
  file: StoredFile,
): Promise<Result<ZipEntry, "original_lost" | "not_found" | "not_shareable">> {
  if (file.lostAt !== null) return fail("original_lost", `Found on ${file.lostAt}: ${file.id}. Upload it again.`);
  const findPresent = () => files.find(file.id);
  const cuts = cutsForOwner(mode, file.cuts);
  if (cuts === undefined) {
    const open = () => withPresentObject(findPresent, file, ({ key }) => objects.open(key));
    return ok({ file, bytes: file.bytes, open });
  }
  const prepare = (present: StoredFile) => prepareOutgoing(objects, { ...present, cuts });
  const prepared = await prepare(file);
  if (!prepared.ok) return prepared;
  const sight = await prepared.value.measure();
  if (sight === null) return fail("not_found", "There is nothing here.");
  const openCut = async (present: StoredFile) => {
    const outgoing = present === file ? prepared : await prepare(present);
    return outgoing.ok ? outgoing.value.open(null) : null;
  };
  return ok({ file, bytes: sight.bytes, open: () => withPresentObject(findPresent, file, openCut) });
}
