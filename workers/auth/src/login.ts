import { SYSTEM_ACCOUNT } from "../../../shared/contracts/events.ts";
import type { Login } from "../../../shared/contracts/users.ts";
import { newId } from "../../../shared/ids.ts";
import type { Commit } from "../../../shared/outbox/commit.ts";
import { type EventOrigin, newEvent } from "../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";
import { verifyPassword } from "./password.ts";
import type { User } from "./schema.ts";
import type { SignedInUser } from "./sign-in.ts";
import { fingerprint } from "./tokens.ts";
import type { UsersRepo } from "./users.repo.ts";

interface LoginDeps {
  users: Pick<UsersRepo, "findByLogin" | "note">;
  commit: Commit;
  /** Keys the hash under which the log knows login names of nobody. */
  fingerprintSecret: string;
}

/**
 * Checks a password. Unknown people and wrong passwords do the same work, write one event each and get the same answer,
 * so that nobody learns who is registered here.
 */
export async function login(
  deps: LoginDeps,
  origin: EventOrigin,
  input: Login,
): Promise<Result<SignedInUser, "invalid_credentials">> {
  const name = input.email ?? input.username ?? "";
  const user = await deps.users.findByLogin(name);
  const isRight = verifyPassword(input.password, user?.passwordHash ?? null);
  if (user !== null && isRight) return ok({ user, warning: undefined });

  const event = failedEvent(origin, user, await fingerprint(deps.fingerprintSecret, name));
  await deps.commit(() => deps.users.note(event));
  return fail("invalid_credentials", "The address, the user name or the password is wrong.");
}

/** An attempt is a resource of its own: nothing else about the user changes, so nothing else counts up. */
function failedEvent(origin: EventOrigin, user: User | null, loginFingerprint: string) {
  return newEvent(origin, {
    type: "login.failed",
    account: user?.id ?? SYSTEM_ACCOUNT,
    resource: newId(),
    sequence: 1,
    metadata: { reason: user === null ? "unknown_user" : "wrong_password", loginFingerprint },
  });
}
