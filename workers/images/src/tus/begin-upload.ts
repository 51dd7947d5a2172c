import { newId } from "../../../../shared/ids.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { FIRST_GENERATION, originalKey } from "../storage/keys.ts";
import { noAccount } from "../uploads/upload-refusal.ts";
import type { OpenUploadsRepo } from "./open-uploads.repo.ts";
import type { NewUpload, Sender, UploadState } from "./session-record.ts";

/** Uploads that one user may have under way. */
export const OPEN_UPLOADS_MAX = 100;
/** Milliseconds from the beginning of an upload to the end of its time: whoever lost the line comes back the same day. */
const UPLOAD_TIME_MS = 24 * 60 * 60 * 1_000;

interface BeginDeps {
  uploads: Pick<OpenUploadsRepo, "open">;
  session(id: string): { create(upload: NewUpload, sender: Sender): Promise<void> };
  storagePath: string;
}

/** Begins an upload, which is first counted: a kill between leaves a number that expires, never a hidden upload. */
export async function beginUpload(
  deps: BeginDeps,
  sender: Sender,
  asked: Pick<NewUpload, "length" | "name" | "metadata">,
): Promise<Result<UploadState, "limit_reached" | "unauthenticated">> {
  const id = newId();
  const { userId } = sender.uploader;
  const expiresAt = Date.now() + UPLOAD_TIME_MS;
  const opened = await deps.uploads.open({ id, userId, expiresAt }, OPEN_UPLOADS_MAX);
  if (opened === null) return noAccount();
  if (!opened) return fail("limit_reached", `Finish or delete one of your ${OPEN_UPLOADS_MAX} open uploads first.`);
  const key = originalKey(deps.storagePath, { userId, fileId: id, generation: FIRST_GENERATION });
  await deps.session(id).create({ id, key, expiresAt, ...asked }, sender);
  const { length, metadata } = asked;
  return ok({ id, length, metadata, expiresAt, offset: 0, outcome: null });
}
