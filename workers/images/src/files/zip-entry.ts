import { fail, ok, type Result } from "../../../../shared/result.ts";
import { prepareOutgoing } from "../delivery/outgoing.ts";
import { cutsForOwner, type StripMode } from "../privacy/leaving.ts";
import type { StoredFile } from "../schema.ts";
import type { Objects } from "../storage/objects.ts";

/** A file of a zip: what its owner is sent of it. */
export interface ZipEntry {
  file: StoredFile;
  bytes: number;
  /** Null where the object is gone. */
  open(): Promise<{ body: ReadableStream<Uint8Array> } | null>;
}

/** Says what of a file stands in a zip for its owner: the same as in a download of the file alone. */
export async function prepareEntry(
  objects: Objects,
  mode: StripMode,
  file: StoredFile,
): Promise<Result<ZipEntry, "original_lost" | "not_found" | "not_shareable">> {
  if (file.lostAt !== null) return fail("original_lost", `Found on ${file.lostAt}: ${file.id}. Upload it again.`);
  const cuts = cutsForOwner(mode, file.cuts);
  if (cuts === undefined) return ok({ file, bytes: file.bytes, open: () => objects.open(file.key) });
  const prepared = await prepareOutgoing(objects, { ...file, cuts });
  if (!prepared.ok) return prepared;
  const sight = await prepared.value.measure();
  if (sight === null) return fail("not_found", "There is nothing here.");
  return ok({ file, bytes: sight.bytes, open: () => prepared.value.open(null) });
}
