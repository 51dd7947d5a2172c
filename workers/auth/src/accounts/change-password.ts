import type { PasswordChange, PasswordChanged } from "../../../../shared/contracts/users.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { LimitDeps } from "../login/login-limits.ts";
import { type CheckPasswordFailure, checkPassword } from "../passwords/check-password.ts";
import { hashPassword } from "../passwords/password.ts";
import { type CommonPasswords, warningOf } from "./new-password.ts";
import type { UsersRepo } from "./users.repo.ts";

interface ChangePasswordDeps extends LimitDeps {
  users: Pick<UsersRepo, "find" | "changePassword">;
  commit: Commit;
  commonPasswords: CommonPasswords;
  /** Ends all sessions of the actor but the one that acts; answers how many. */
  endOtherSessions(actor: Actor): Promise<number>;
}

export type ChangePasswordFailure = CheckPasswordFailure | "unauthenticated" | "unsuitable_password" | "conflict";

/**
 * Replaces the actor's own password and ends their other sessions. API keys stay: they were made with a purpose, do not
 * rest on the password, and are ended one by one. The current password is counted like one at a login, or whoever holds
 * a stolen token could guess it here.
 */
export async function changePassword(
  deps: ChangePasswordDeps,
  actor: Actor,
  { currentPassword, newPassword }: PasswordChange,
): Promise<Result<PasswordChanged, ChangePasswordFailure>> {
  const user = await deps.users.find(actor.userId);
  if (user === null) return fail("unauthenticated", "This account does not exist any more.");

  const checked = await checkPassword(deps, actor, user, currentPassword);
  if (!checked.ok) return checked;
  if (newPassword === currentPassword) return fail("unsuitable_password", "This is the password you have.");
  const warning = await warningOf(newPassword, deps.commonPasswords);
  if (warning !== undefined && deps.commonPasswords === "refuse") return fail("unsuitable_password", warning);

  const event = newEvent(actor, {
    type: "user.password_changed",
    account: user.id,
    resource: user.id,
    sequence: user.version + 1,
  });
  const hash = hashPassword(newPassword);
  const write = () => deps.users.changePassword(user, hash, new Date().toISOString(), event);
  if ((await deps.commit(write)) !== "written") {
    return fail("conflict", "Somebody changed this account meanwhile. Try again.");
  }

  // After the change: a login that still saw the old password is undone by its own look back.
  const endedSessions = await deps.endOtherSessions(actor);
  return ok({ message: "Password changed", endedSessions, warning });
}
