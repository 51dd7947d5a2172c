import type { NewServiceAccount, ServiceAccountView } from "../../../../shared/contracts/service-accounts.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { newEvent } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { User } from "../schema.ts";
import { type UsersRepo, usernameKey } from "./users.repo.ts";

interface CreateServiceAccountDeps {
  users: Pick<UsersRepo, "insert">;
  commit: Commit;
}

/** Every user has an address. Nobody can have one in this domain (RFC 2606 §2), so no letter is ever sent to a program. */
const ADDRESS_DOMAIN = "service-account.invalid";

/** Makes a user that is a program: without a password, so that only its keys let it in. */
export async function createServiceAccount(
  deps: CreateServiceAccountDeps,
  actor: Actor,
  input: NewServiceAccount,
): Promise<Result<User, "username_taken">> {
  const now = new Date().toISOString();
  const id = newId();
  const user: User = {
    id,
    kind: "service",
    email: `${id}@${ADDRESS_DOMAIN}`,
    username: input.username,
    usernameKey: usernameKey(input.username),
    name: input.name ?? null,
    passwordHash: null,
    passwordFloorMs: null,
    role: "user",
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  const event = newEvent(actor, {
    type: "user.registered",
    account: user.id,
    resource: user.id,
    sequence: user.version,
    metadata: { username: user.username, kind: user.kind },
  });
  const outcome = await deps.commit(() => deps.users.insert(user, event));
  return outcome === "written" ? ok(user) : fail("username_taken", "Choose another user name.");
}

export function viewServiceAccount({ id, username, name, role, createdAt }: User): ServiceAccountView {
  return { id, username, name, role, created: createdAt };
}
