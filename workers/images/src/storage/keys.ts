import { VARIANT_FORMATS, type VariantFormat, type VariantName } from "../../../../shared/contracts/variants.ts";
import { newId } from "../../../../shared/ids.ts";

/** Of an upload, and of whatever never has a second one. */
export const FIRST_GENERATION = 1;

/** What names the objects of one file. */
interface KeyOwner {
  userId: string;
  fileId: string;
  generation: number;
}

function storageFolder(storagePath: string): string {
  return storagePath === "" ? "" : `${storagePath}/`;
}

/** What all keys of one user begin with. */
export function userFolder(storagePath: string, userId: string): string {
  return `${storageFolder(storagePath)}${userId}/`;
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

/** Whether an object was stored for this file, and not for another with the same bytes. */
export function isStoredFor(fileId: string, key: string): boolean {
  return key.split("/").at(-3) === fileId;
}

const ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const OWN_KEY = new RegExp(`^${ID}/(${ID})/\\d+/(?:original(?:-${ID})?|[a-z]+-${ID}\\.[a-z]+)$`);

/**
 * The file that an object was stored for. Null for a key that is not made here, under this storage path: a bucket may
 * hold other things too, and those of another deployment.
 */
export function fileOfKey(storagePath: string, key: string): string | null {
  const folder = storageFolder(storagePath);
  if (!key.startsWith(folder)) return null;
  return OWN_KEY.exec(key.slice(folder.length))?.[1] ?? null;
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
