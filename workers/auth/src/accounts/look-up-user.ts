import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { UsersRepo } from "./users.repo.ts";

/** What strangers may learn of a person: never the address. */
export interface FoundUser {
  username: string;
  name: string | null;
}

interface LookUpDeps {
  users: Pick<UsersRepo, "findPersonByUsername">;
}

/** Finds a person by their user name, in any case. Service accounts are nobody's business. */
export async function lookUpUser(deps: LookUpDeps, username: string): Promise<Result<FoundUser, "not_found">> {
  const user = await deps.users.findPersonByUsername(username);
  return user === null
    ? fail("not_found", "Nobody has this user name.")
    : ok({ username: user.username, name: user.name });
}
