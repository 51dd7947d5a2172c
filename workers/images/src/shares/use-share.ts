import type { Commit } from "../../../../shared/outbox/commit.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import { FIRST_USED } from "./share-file.ts";
import { hashToken, isToken } from "./share-token.ts";
import type { SharedFile, SharesRepo } from "./shares.repo.ts";

/** What a share's token opens now; null where it never was, was taken back, has run out or is used up. */
export async function openShare(
  shares: Pick<SharesRepo, "findShared">,
  token: string,
  now = Date.now(),
): Promise<SharedFile | null> {
  const shared = isToken(token) ? await shares.findShared(await hashToken(token)) : null;
  if (shared === null) return null;
  const { expiresAt, maxUses, uses } = shared.share;
  const hasRunOut = expiresAt !== null && Date.parse(expiresAt) <= now;
  return hasRunOut || (maxUses !== null && uses >= maxUses) ? null : shared;
}

interface CountUseDeps {
  shares: Pick<SharesRepo, "countFirstUse" | "countUse">;
  commit: Commit;
}

/** Counts a use of a share; the first is an event. @returns false when it may not be used any more. */
export async function countUse(
  { shares, commit }: CountUseDeps,
  origin: EventOrigin,
  { share, file }: SharedFile,
  now = Date.now(),
): Promise<boolean> {
  const at = new Date(now).toISOString();
  if (share.uses === 0) {
    const event = newEvent(origin, {
      type: "share.first_used",
      account: file.userId,
      resource: share.id,
      sequence: FIRST_USED,
      metadata: { file: file.id, filename: file.name, size: share.size },
    });
    if (await commit(() => shares.countFirstUse(share.id, at, event))) return true;
  }
  return shares.countUse(share.id, at);
}
