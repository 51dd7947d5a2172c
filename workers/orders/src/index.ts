import { serveOpenApi } from "../../../shared/http/openapi.ts";
import { createService } from "../../../shared/http/service.ts";
import { DatabaseOutboxService } from "../../../shared/outbox/outbox-service.ts";
import { type Env, readSettings } from "./env.ts";
import { OrdersRepo } from "./orders.repo.ts";
import { orderRoutes } from "./routes/orders.ts";

export { PersonalDataService } from "./personal-data-service.ts";
export { Relay } from "./relay.do.ts";

const app = createService<Env>({
  settings: readSettings,
  health: { database: (env) => new OrdersRepo(env.DB).ping() },
});
app.route("/api/orders", orderRoutes);
app.route("/orders", orderRoutes);
serveOpenApi(app, "Orders");

export default app;

/** Gives audit the events of this service. */
export class OutboxService extends DatabaseOutboxService<Env> {}
