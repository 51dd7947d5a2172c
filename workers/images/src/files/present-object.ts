import type { StoredFile } from "../schema.ts";

/**
 * Uses the object of a file that was read a moment ago. Where it is gone, the file may have another by now: an object that
 * twins share goes with the file it was stored for, and the others get a copy.
 * @param use answers null where the object is not there
 * @returns null where the file or its object is gone
 */
export async function withPresentObject<Used>(
  findPresent: () => Promise<StoredFile | null>,
  file: StoredFile,
  use: (file: StoredFile) => Promise<Used | null>,
): Promise<Used | null> {
  const used = await use(file);
  if (used !== null) return used;
  const present = await findPresent();
  if (present === null || present.key === file.key) return null;
  return withPresentObject(findPresent, present, use);
}
