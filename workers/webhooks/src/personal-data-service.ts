import { WorkerEntrypoint } from "cloudflare:workers";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import type { Env } from "./env.ts";
import { eraseWebhooks } from "./erase-webhooks.ts";
import { EventsRepo } from "./events.repo.ts";
import { exportWebhooks } from "./export-webhooks.ts";
import { WebhooksRepo } from "./webhooks/webhooks.repo.ts";

/** The door by which audit exports and erases what webhooks knows of a user. */
export class PersonalDataService extends WorkerEntrypoint<Env> implements PersonalDataApi {
  exportPage(userId: string, cursor: string | null) {
    const logAfter = async (webhookId: string, after: string | null, limit: number) =>
      this.env.WEBHOOK_QUEUES.getByName(webhookId).logAfter(after, limit);
    return exportWebhooks({ ...this.#repos(), logAfter }, userId, cursor);
  }

  eraseUser(userId: string) {
    const empty = (id: string) => this.env.WEBHOOK_QUEUES.getByName(id).empty();
    return eraseWebhooks({ ...this.#repos(), empty }, userId);
  }

  #repos() {
    return { events: new EventsRepo(this.env.DB), webhooks: new WebhooksRepo(this.env.DB) };
  }
}
