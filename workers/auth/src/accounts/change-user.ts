import type { UserChanges } from "../../../../shared/contracts/users.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import type { FieldError } from "../../../../shared/http/problem.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { User } from "../schema.ts";
import type { UsersRepo } from "./users.repo.ts";
import { viewUser } from "./view.ts";

interface ChangeUserDeps {
  users: Pick<UsersRepo, "change">;
  commit: Commit;
}

const READ_ONLY = ["id", "email", "role", "created", "updated"] as const;

/** The read-only fields that were sent with another value than the stored one. Equal ones pass: a fetched user may be put back. */
export function readOnlyErrors(user: User, changes: UserChanges): FieldError[] {
  const stored = viewUser(user);
  return READ_ONLY.filter((field) => changes[field] !== undefined && changes[field] !== stored[field]).map((field) => ({
    path: field,
    message: "cannot be changed here",
  }));
}

/** Changes name and user name of a user whom the actor may change. What is already so is no change and no event. */
export async function changeUser(
  deps: ChangeUserDeps,
  actor: Actor,
  user: User,
  changes: UserChanges,
): Promise<Result<User, "username_taken" | "conflict">> {
  const fields = {
    name: changes.name === undefined ? user.name : changes.name,
    username: changes.username ?? user.username,
  };
  const changed = (["name", "username"] as const).filter((field) => fields[field] !== user[field]);
  if (changed.length === 0) return ok(user);

  const updatedAt = new Date().toISOString();
  const version = user.version + 1;
  const event = newEvent(actor, {
    type: "user.updated",
    account: user.id,
    resource: user.id,
    sequence: version,
    metadata: { fields: changed },
  });
  const outcome = await deps.commit(() => deps.users.change(user, fields, updatedAt, event));
  if (outcome === "written") return ok({ ...user, ...fields, version, updatedAt });
  if (outcome === "conflict") return fail("conflict", "Somebody changed this user meanwhile. Read it again.");
  return fail("username_taken", "Choose another user name.");
}
