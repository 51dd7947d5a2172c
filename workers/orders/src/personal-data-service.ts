import { WorkerEntrypoint } from "cloudflare:workers";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import type { Env } from "./env.ts";
import { OrdersRepo } from "./orders.repo.ts";
import { eraseOrders, exportOrders } from "./personal-data.ts";

/** The door by which audit exports and erases what orders knows of a user. */
export class PersonalDataService extends WorkerEntrypoint<Env> implements PersonalDataApi {
  exportPage(userId: string, cursor: string | null) {
    return exportOrders(new OrdersRepo(this.env.DB), userId, cursor);
  }

  eraseUser(userId: string) {
    return eraseOrders(new OrdersRepo(this.env.DB), userId);
  }
}
