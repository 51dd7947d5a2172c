import { DATA_SERVICES } from "../../../../shared/contracts/personal-data.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { UsersRepo } from "../accounts/users.repo.ts";
import type { LimitDeps } from "../login/login-limits.ts";
import { type CheckPasswordFailure, checkPassword } from "../passwords/check-password.ts";
import type { User } from "../schema.ts";
import type { Erasure, ErasuresRepo } from "./erasures.repo.ts";

interface EraseUserDeps extends LimitDeps {
  users: Pick<UsersRepo, "find">;
  erasures: Pick<ErasuresRepo, "begin" | "findOf">;
  commit: Commit;
  /** Ends and forgets all sessions and keys of a user. */
  eraseSessions(userId: string, origin: EventOrigin): Promise<void>;
}

export type EraseUserFailure = CheckPasswordFailure | "not_found" | "conflict";

/**
 * Begins the erasure of an account that the actor may erase: the user's row goes, an event tells every service, and all
 * sessions and keys end. Whoever erases their own account must know its password: a session left open must not be
 * enough. Erasing what is being erased already answers the erasure under way.
 */
export async function eraseUser(
  deps: EraseUserDeps,
  actor: Actor,
  userId: string,
  currentPassword: string | undefined,
): Promise<Result<Erasure, EraseUserFailure>> {
  const user = await deps.users.find(userId);
  if (user === null) return knownErasure(deps, userId);
  if (actor.userId === userId) {
    const checked = await checkPassword(deps, actor, user, currentPassword ?? "");
    if (!checked.ok) return checked;
  }

  const erasure = newErasure(userId);
  const begun = await deps.commit(() => deps.erasures.begin(user, erasure, erasedEvent(actor, user)));
  if (!begun) return knownErasure(deps, userId, "conflict");

  // Killed here, the event does the same a moment later: auth erases its part like every other service.
  await deps.eraseSessions(userId, actor);
  return ok(erasure);
}

async function knownErasure(
  deps: EraseUserDeps,
  userId: string,
  otherwise: "not_found" | "conflict" = "not_found",
): Promise<Result<Erasure, "not_found" | "conflict">> {
  const known = await deps.erasures.findOf(userId);
  return known === null ? fail(otherwise, "Somebody changed this account meanwhile. Try again.") : ok(known);
}

function newErasure(userId: string): Erasure {
  return {
    id: crypto.randomUUID(), // Not `newId`, half of which is the time: whoever knows it may read the progress.
    userId,
    startedAt: new Date().toISOString(),
    parts: DATA_SERVICES.map((service) => ({ service, doneAt: null })),
  };
}

function erasedEvent(actor: Actor, user: User) {
  return newEvent(actor, {
    type: "user.erased",
    account: user.id,
    resource: user.id,
    sequence: user.version + 1,
  });
}
