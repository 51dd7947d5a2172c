import { WorkerEntrypoint } from "cloudflare:workers";
import type { LoggedEvent, WebhooksApi } from "../../../shared/contracts/rpc.ts";
import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { acceptEvents } from "./accept-events.ts";
import { card } from "./card.ts";
import type { QueuedEvent } from "./delivery/deliveries.repo.ts";
import { type Env, readSettings } from "./env.ts";
import { EventsRepo } from "./events.repo.ts";
import { webhookGauges } from "./gauges.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { eventSchemaRoutes } from "./routes/event-schema.ts";
import { eventRoutes } from "./routes/events.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { WebhooksRepo } from "./webhooks/webhooks.repo.ts";

export { WebhookQueue } from "./delivery/webhook-queue.do.ts";
export { PersonalDataService } from "./personal-data-service.ts";
export { Relay } from "./relay.do.ts";

const app = createService<Env>({
  settings: readSettings,
  health: { database: (env) => new EventsRepo(env.DB).ping() },
  gauges: webhookGauges,
});
app.route("/api/events", eventRoutes);
app.route("/events.schema.json", eventSchemaRoutes);
app.route("/api/webhooks", webhookRoutes);
app.route("/api/webhooks", deliveryRoutes);
servePapers(app, card, readSettings);

export default app;

/** Receives what stands in the log. */
export class WebhooksService extends WorkerEntrypoint<Env> implements WebhooksApi {
  acceptEvents(events: LoggedEvent[]) {
    const deps = {
      events: new EventsRepo(this.env.DB),
      webhooks: new WebhooksRepo(this.env.DB),
      enqueue: (id: string, queued: QueuedEvent[]) => this.env.WEBHOOK_QUEUES.getByName(id).enqueue(id, queued),
    };
    return acceptEvents(deps, events);
  }
}

/** Gives audit the events of this service. */
export class OutboxService extends DatabaseOutboxService<Env> {}
