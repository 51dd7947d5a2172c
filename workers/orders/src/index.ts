import { servePapers } from "../../../shared/http/papers.ts";
import { createService } from "../../../shared/http/service.ts";
import { outboxGauges } from "../../../shared/outbox/gauges.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { card } from "./card.ts";
import { type Env, readSettings } from "./env.ts";
import { OrdersRepo } from "./orders.repo.ts";
import { orderRoutes } from "./routes/orders.ts";

export { PersonalDataService } from "./personal-data-service.ts";
export { Relay } from "./relay.do.ts";

const app = createService<Env>({
  settings: readSettings,
  health: { database: (env) => new OrdersRepo(env.DB).ping() },
  gauges: outboxGauges,
});
app.route("/api/orders", orderRoutes);
app.route("/orders", orderRoutes);
servePapers(app, card, readSettings);

export default app;

/** Gives audit the events of this service. */
export class OutboxService extends DatabaseOutboxService<Env> {}
