import { VARIANT_FORMATS, type VariantFormat, type VariantName } from "../../../shared/contracts/variants.ts";

/** What names the objects of one file. */
interface KeyOwner {
  userId: string;
  fileId: string;
  generation: number;
}

/** What all keys of one user begin with. */
export function userFolder(storagePath: string, userId: string): string {
  const prefix = storagePath === "" ? "" : `${storagePath}/`;
  return `${prefix}${userId}/`;
}

function folderOf(storagePath: string, { userId, fileId, generation }: KeyOwner): string {
  return `${userFolder(storagePath, userId)}${fileId}/${generation}`;
}

/** The key of an upload as it came. Nothing is ever written twice under it. */
export function originalKey(storagePath: string, owner: KeyOwner): string {
  return `${folderOf(storagePath, owner)}/original`;
}

/** The key of one size. It carries the attempt, so that a slow loser never touches the winner's bytes. */
export function variantKey(
  storagePath: string,
  owner: KeyOwner,
  name: VariantName,
  attemptId: string,
  format: VariantFormat,
): string {
  return `${folderOf(storagePath, owner)}/${name}-${attemptId}.${VARIANT_FORMATS[format].extension}`;
}
