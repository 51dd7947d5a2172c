import type { ExportPage } from "../../../../shared/contracts/rpc.ts";
import { exportPage } from "../../../../shared/personal-data/export-page.ts";
import type { UsersRepo } from "../accounts/users.repo.ts";
import { viewUser } from "../accounts/view.ts";
import { viewKey } from "../api-keys/create-key.ts";
import type { UserSessionsStub } from "../env.ts";
import { viewSession } from "../sessions/session-view.ts";

interface ExportUserDeps {
  users: Pick<UsersRepo, "find">;
  sessionsOf(userId: string): Pick<UserSessionsStub, "live" | "keys">;
}

/** Nobody asks from a session of the one who is exported. */
const NO_SESSION = "";

/** What auth knows of a user: the profile, the live sessions and the keys. Their numbers are limited, so it is one page. */
export async function exportUser(deps: ExportUserDeps, userId: string): Promise<ExportPage> {
  const user = await deps.users.find(userId);
  if (user === null) return exportPage([], null);
  const home = deps.sessionsOf(userId);
  const sessions = await home.live();
  const keys = await home.keys();
  const records = [
    { record: "profile", ...viewUser(user) },
    ...sessions.map((session) => ({ record: "session", ...viewSession(userId, session, NO_SESSION) })),
    ...keys.map((key) => ({ record: "key", ...viewKey(userId, key) })),
  ];
  return exportPage(records, null);
}
