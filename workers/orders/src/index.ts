import { WorkerEntrypoint } from "cloudflare:workers";
import type { OutboxApi, Settlement } from "../../../shared/contracts/rpc.ts";
import { serveOpenApi } from "../../../shared/http/openapi.ts";
import { createService } from "../../../shared/http/service.ts";
import { RELAY_NAME } from "../../../shared/outbox/commit.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { takeFromDatabase } from "../../../shared/outbox/take.ts";
import { type Env, readSettings } from "./env.ts";
import { OrdersRepo } from "./orders.repo.ts";
import { orderRoutes } from "./routes/orders.ts";

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
export class OutboxService extends WorkerEntrypoint<Env> implements OutboxApi {
  takeEvents(_object: string | null, settlement: Settlement, limit: number) {
    const relay = this.env.RELAY.getByName(RELAY_NAME);
    return takeFromDatabase(new D1OutboxStore(this.env.DB), relay, settlement, limit);
  }
}
