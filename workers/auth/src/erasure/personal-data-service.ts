import { WorkerEntrypoint } from "cloudflare:workers";
import type { DataService } from "../../../../shared/contracts/personal-data.ts";
import type { AuthPersonalDataApi } from "../../../../shared/contracts/rpc.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import type { Env } from "../env.ts";
import { ErasuresRepo } from "./erasures.repo.ts";
import { exportUser } from "./personal-data.ts";

/** The door by which audit exports and erases what auth knows of a user. */
export class PersonalDataService extends WorkerEntrypoint<Env> implements AuthPersonalDataApi {
  exportPage(userId: string) {
    const sessionsOf = (id: string) => this.env.USER_SESSIONS.getByName(id);
    return exportUser({ users: new UsersRepo(this.env.DB), sessionsOf }, userId);
  }

  /** The user's row went when the erasure began. Sessions and keys did too, unless a login or a kill came in between. */
  async eraseUser(userId: string) {
    await this.env.USER_SESSIONS.getByName(userId).erase(byTheSystem(userId));
    return true;
  }

  noteErased(userId: string, service: DataService) {
    return new ErasuresRepo(this.env.DB).noteDone(userId, service, new Date().toISOString());
  }
}

function byTheSystem(userId: string): EventOrigin {
  return { userId, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };
}
