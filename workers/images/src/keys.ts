import { VARIANT_FORMATS, type VariantFormat, type VariantName } from "../../../shared/contracts/variants.ts";
import { newId } from "../../../shared/ids.ts";

/** Of an upload, and of whatever never has a second one. */
export const FIRST_GENERATION = 1;

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

/** The key of a copy of an original, made for the files that still name it when its own file is deleted. */
export function copyKey(storagePath: string, owner: KeyOwner): string {
  return `${folderOf(storagePath, owner)}/original-${newId()}`;
}

/** The file that an object was stored for; empty for a key of nobody's making. */
export function fileIdOf(key: string): string {
  return key.split("/").at(-3) ?? "";
}

/** Whether an object was stored for this file, and not for another with the same bytes. */
export function isStoredFor(fileId: string, key: string): boolean {
  return fileIdOf(key) === fileId;
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
