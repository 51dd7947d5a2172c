import type { NewShare } from "../../../../shared/contracts/shares.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { duration } from "../../../../shared/settings.ts";
import type { FilesRepo } from "../files/files.repo.ts";
import type { Share, StoredFile } from "../schema.ts";
import { hashToken, newToken } from "./share-token.ts";
import type { SharesRepo } from "./shares.repo.ts";

interface ShareFileDeps {
  files: Pick<FilesRepo, "find" | "isImage">;
  shares: Pick<SharesRepo, "insert">;
  commit: Commit;
}

/** More links to one file than anybody keeps an eye on. */
const SHARES_MAX = 100;

/** Makes a link to a file, or to one size of a photo, that can be taken back. Its token is told this once. */
export async function shareFile(
  deps: ShareFileDeps,
  actor: Actor,
  file: StoredFile,
  { size, expiresIn, maxUses }: NewShare,
  now = Date.now(),
): Promise<Result<{ share: Share; token: string }, "invalid_request" | "limit_reached" | "not_found">> {
  if (size !== "original" && !(await deps.files.isImage(file.id))) {
    return fail("invalid_request", "Only photos have sizes; this file has its original alone.");
  }
  const token = newToken();
  const share: Share = {
    id: newId(now),
    fileId: file.id,
    size,
    tokenHash: await hashToken(token),
    createdAt: new Date(now).toISOString(),
    expiresAt: expiresIn === undefined ? null : new Date(now + duration.parse(expiresIn)).toISOString(),
    maxUses: maxUses ?? null,
    uses: 0,
    lastUsedAt: null,
  };
  const event = newEvent(actor, {
    type: "share.created",
    account: file.userId,
    resource: share.id,
    sequence: CREATED,
    metadata: { file: file.id, filename: file.name, size, expiresAt: share.expiresAt, maxUses: share.maxUses },
  });
  if (await deps.commit(() => deps.shares.insert(share, SHARES_MAX, event))) return ok({ share, token });
  if ((await deps.files.find(file.id)) === null) return fail("not_found", "Somebody deleted it meanwhile.");
  return fail("limit_reached", `A file has at most ${SHARES_MAX} shares. Take one back first.`);
}

/** A share's events in their order. It is taken back unused or used. */
const CREATED = 1;
export const FIRST_USED = 2;
export function sequenceOfEnd({ uses }: Share): number {
  return uses > 0 ? FIRST_USED + 1 : FIRST_USED;
}
