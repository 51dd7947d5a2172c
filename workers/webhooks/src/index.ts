import { WorkerEntrypoint } from "cloudflare:workers";
import type { LoggedEvent, WebhooksApi } from "../../../shared/contracts/rpc.ts";
import { serveOpenApi } from "../../../shared/http/openapi.ts";
import { createService } from "../../../shared/http/service.ts";
import { acceptEvents } from "./accept-events.ts";
import { type Env, readSettings } from "./env.ts";
import { EventsRepo } from "./events.repo.ts";
import { eventRoutes } from "./routes/events.ts";

export { PersonalDataService } from "./personal-data-service.ts";

const app = createService<Env>({
  settings: readSettings,
  health: { database: (env) => new EventsRepo(env.DB).ping() },
});
app.route("/api/events", eventRoutes);
serveOpenApi(app, "Webhooks");

export default app;

/** Receives what stands in the log. */
export class WebhooksService extends WorkerEntrypoint<Env> implements WebhooksApi {
  acceptEvents(events: LoggedEvent[]) {
    return acceptEvents({ events: new EventsRepo(this.env.DB) }, events);
  }
}
