import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { Share } from "../schema.ts";
import { sequenceOfEnd } from "./share-file.ts";
import type { SharesRepo } from "./shares.repo.ts";

interface RevokeShareDeps {
  shares: Pick<SharesRepo, "find" | "remove">;
  commit: Commit;
}

/** Only the first use of a share can come between. */
const TRIES = 2;

/** Takes a share back: from now on its address is one that never was. Every use asks, so nobody must be told. */
export async function revokeShare(
  deps: RevokeShareDeps,
  actor: Actor,
  found: Share,
): Promise<Result<null, "not_found">> {
  let share: Share | null = found;
  for (let tries = 0; tries < TRIES && share !== null; tries++) {
    const current: Share = share;
    const event = newEvent(actor, {
      type: "share.revoked",
      account: actor.userId,
      resource: current.id,
      sequence: sequenceOfEnd(current),
      metadata: { file: current.fileId, uses: current.uses },
    });
    if (await deps.commit(() => deps.shares.remove(current, event))) return ok(null);
    share = await deps.shares.find(found.fileId, found.id);
  }
  return fail("not_found", "Somebody took it back meanwhile.");
}
