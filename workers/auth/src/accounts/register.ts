import { usernameCandidates } from "../../../../shared/accounts/usernames.ts";
import type { Registration } from "../../../../shared/contracts/users.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { SignedInUser } from "../login/sign-in.ts";
import { hashPassword } from "../passwords/password.ts";
import type { User } from "../schema.ts";
import { type CommonPasswords, warningOf } from "./new-password.ts";
import { type UsersRepo, usernameKey } from "./users.repo.ts";

interface RegisterDeps {
  users: Pick<UsersRepo, "insert">;
  commit: Commit;
  commonPasswords: CommonPasswords;
}

export type RegisterFailure = "common_password" | "email_taken" | "username_taken";

/** Makes a user. Nothing is written unless address and user name are both free. */
export async function register(
  deps: RegisterDeps,
  origin: EventOrigin,
  input: Registration,
): Promise<Result<SignedInUser, RegisterFailure>> {
  const warning = await warningOf(input.password, deps.commonPasswords);
  if (warning !== undefined && deps.commonPasswords === "refuse") return fail("common_password", warning);

  const passwordHash = hashPassword(input.password);
  const usernames = input.username === undefined ? usernameCandidates(input.email) : [input.username];
  for (const username of usernames) {
    const user = newUser(input, username, passwordHash);
    const event = registeredEvent(origin, user);
    const outcome = await deps.commit(() => deps.users.insert(user, event));
    if (outcome === "written") return ok({ user, warning, isStillRight: async () => true });
    if (outcome === "email_taken") return fail("email_taken", "Somebody has registered with this address. Sign in.");
  }
  return fail("username_taken", "Choose another user name.");
}

function newUser(input: Registration, username: string, passwordHash: string): User {
  const now = new Date().toISOString();
  return {
    id: newId(),
    kind: "person",
    email: input.email,
    username,
    usernameKey: usernameKey(username),
    name: input.name ?? null,
    passwordHash,
    passwordFloorMs: null,
    role: "user",
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
}

function registeredEvent(origin: EventOrigin, user: User) {
  const actor = { ...origin, userId: user.id };
  return newEvent(actor, {
    type: "user.registered",
    account: user.id,
    resource: user.id,
    sequence: user.version,
    metadata: { username: user.username },
  });
}
