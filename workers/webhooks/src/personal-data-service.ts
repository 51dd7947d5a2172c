import { WorkerEntrypoint } from "cloudflare:workers";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import type { Env } from "./env.ts";
import { EventsRepo } from "./events.repo.ts";
import { eraseEvents, exportEvents } from "./personal-data.ts";

/** The door by which audit exports and erases what webhooks knows of a user. */
export class PersonalDataService extends WorkerEntrypoint<Env> implements PersonalDataApi {
  exportPage(userId: string, cursor: string | null) {
    return exportEvents(new EventsRepo(this.env.DB), userId, cursor);
  }

  eraseUser(userId: string) {
    return eraseEvents(new EventsRepo(this.env.DB), userId);
  }
}
