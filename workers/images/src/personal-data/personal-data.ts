import type { ExportPage } from "../../../../shared/contracts/rpc.ts";
import { VARIANT_FORMATS } from "../../../../shared/contracts/variants.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { exportPageOf } from "../../../../shared/personal-data/export-page.ts";
import { zipName } from "../files/photos-zip.ts";
import { viewShare } from "../files/view.ts";
import { userFolder } from "../storage/keys.ts";
import type { Objects } from "../storage/objects.ts";
import type { TrashRepo } from "../storage/trash.repo.ts";
import type { FileWithSizes, PersonalFilesRepo } from "./personal-files.repo.ts";

/** What one call reads or erases: a batch that stays far below a statement's time and a call's memory. */
const FILES_PER_CALL = 100;

/** A page of a user's files, photos with their sizes, oldest first. @param cursor the id of the last file before */
export async function exportFiles(
  files: Pick<PersonalFilesRepo, "listAfter">,
  userId: string,
  cursor: string | null,
): Promise<ExportPage> {
  const found = await files.listAfter(userId, cursor, FILES_PER_CALL + 1);
  return exportPageOf(found, FILES_PER_CALL, fileRecord, ({ file }) => file.id);
}

function fileRecord({ file, image, variants, shares }: FileWithSizes) {
  const { id, name, bytes, mimeType, sha256, metadataFound, createdAt, visibility } = file;
  const photo = image && {
    status: image.status,
    width: image.width,
    height: image.height,
    uploadedAt: image.uploadedAt,
    processedAt: image.processedAt,
    errorMessage: image.errorDetail,
    sizes: variants.map((size) => ({
      name: size.name,
      width: size.width,
      height: size.height,
      bytes: size.bytes,
      type: VARIANT_FORMATS[size.format].mimeType,
    })),
  };
  return {
    record: "file",
    id,
    name,
    size: bytes,
    mime_type: mimeType,
    sha256,
    metadata_found: metadataFound,
    created: createdAt,
    zip: zipName(file),
    visibility,
    shares: shares.map(viewShare),
    photo,
  };
}

interface EraseFilesDeps {
  files: Pick<PersonalFilesRepo, "removeSome">;
  objects: Pick<Objects, "delete" | "listSome">;
  trash: Pick<TrashRepo, "forget">;
  /** Ends some uploads that are under way. @returns how many there were */
  endUploads(userId: string): Promise<number>;
  /** Empties the user's feed and ends its streams. */
  eraseFeed(userId: string): Promise<void>;
  commit: Commit;
  storagePath: string;
}

/**
 * Deletes some of a user's files with all that was made of them. Whoever still works on one finds its rows gone and
 * cleans up after itself. Answers whether nothing is left.
 */
export async function eraseFiles(deps: EraseFilesDeps, userId: string): Promise<boolean> {
  const { removed, keys } = await deps.commit(() => deps.files.removeSome(userId, FILES_PER_CALL));
  await deps.objects.delete(keys);
  await deps.trash.forget(keys);
  // After the door is closed for new ones.
  const ended = await deps.endUploads(userId);
  if (removed > 0 || ended > 0) return false;
  // An update that was read before its row was removed may still come behind this; the feed forgets it within a day.
  await deps.eraseFeed(userId);

  // What no row names: an upload or an attempt that was killed between its bytes and its row.
  const stray = await deps.objects.listSome(userFolder(deps.storagePath, userId));
  await deps.objects.delete(stray);
  return stray.length === 0;
}
