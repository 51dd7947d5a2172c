import { WorkerEntrypoint } from "cloudflare:workers";
import type { LoggedEvent, WebhooksApi } from "../../../shared/contracts/rpc.ts";
import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { acceptEvents } from "./accept-events.ts";
import { card } from "./card.ts";
import { type Env, readSettings } from "./env.ts";
import { EventsRepo } from "./events.repo.ts";
import { eventRoutes } from "./routes/events.ts";

export { PersonalDataService } from "./personal-data-service.ts";

const app = createService<Env>({
  settings: readSettings,
  health: { database: (env) => new EventsRepo(env.DB).ping() },
});
app.route("/api/events", eventRoutes);
servePapers(app, card, readSettings);

export default app;

/** Receives what stands in the log. */
export class WebhooksService extends WorkerEntrypoint<Env> implements WebhooksApi {
  acceptEvents(events: LoggedEvent[]) {
    return acceptEvents({ events: new EventsRepo(this.env.DB) }, events);
  }
}
