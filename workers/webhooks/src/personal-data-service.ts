import { WorkerEntrypoint } from "cloudflare:workers";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { EndpointsRepo } from "./endpoints/endpoints.repo.ts";
import type { Env } from "./env.ts";
import { EventsRepo } from "./events.repo.ts";
import { eraseEvents, exportEvents } from "./personal-data.ts";

/** The door by which audit exports and erases what webhooks knows of a user. */
export class PersonalDataService extends WorkerEntrypoint<Env> implements PersonalDataApi {
  exportPage(userId: string, cursor: string | null) {
    return exportEvents(this.#repos(), userId, cursor);
  }

  eraseUser(userId: string) {
    const empty = (id: string) => this.env.ENDPOINTS.getByName(id).empty();
    return eraseEvents({ ...this.#repos(), empty }, userId);
  }

  #repos() {
    return { events: new EventsRepo(this.env.DB), endpoints: new EndpointsRepo(this.env.DB) };
  }
}
