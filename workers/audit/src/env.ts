import * as z from "zod";
import type { AuthApi, EventsWaiting, OutboxApi, WebhooksApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import { commonSettings, positiveInteger, settingsReader } from "../../../shared/settings.ts";
import type { Log } from "./log.do.ts";

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  LOG: DurableObjectNamespace<Log>;
  /** To go on with a home of events that holds more than one message's work. */
  EVENTS: Queue<EventsWaiting>;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  // The bare contract: the runtime's RPC types cannot follow the recursive JSON that these calls answer.
  AUTH_OUTBOX: OutboxApi;
  IMAGES_OUTBOX: OutboxApi;
  ORDERS_OUTBOX: OutboxApi;
  WEBHOOKS: Service<WebhooksApi & Rpc.WorkerEntrypointBranded>;
}

export const readSettings = settingsReader(z.object({ ...commonSettings, OUTBOX_LEASE_MS: positiveInteger }));
