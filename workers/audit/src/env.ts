import * as z from "zod";
import type {
  AuthApi,
  AuthPersonalDataApi,
  EventsWaiting,
  ImagesPersonalDataApi,
  OutboxApi,
  PersonalDataApi,
  WebhooksApi,
} from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import { commonSettings, positiveInteger, settingsReader } from "../../../shared/settings.ts";
import type { Log } from "./log.do.ts";
import type { UserExport } from "./user-export.do.ts";

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  PUBLISHED_KEYS: KVNamespace;
  LOG: DurableObjectNamespace<Log>;
  /** The export of each user, by the user's id. */
  EXPORTS: DurableObjectNamespace<UserExport>;
  /** To go on with a home of events that holds more than one message's work. */
  EVENTS: Queue<EventsWaiting>;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  // The bare contract: the runtime's RPC types cannot follow the recursive JSON that these calls answer.
  AUTH_OUTBOX: OutboxApi;
  IMAGES_OUTBOX: OutboxApi;
  ORDERS_OUTBOX: OutboxApi;
  WEBHOOKS_OUTBOX: OutboxApi;
  WEBHOOKS: Service<WebhooksApi & Rpc.WorkerEntrypointBranded>;
  // What each service knows of people, to be exported and erased.
  AUTH_PERSONAL_DATA: AuthPersonalDataApi;
  IMAGES_PERSONAL_DATA: ImagesPersonalDataApi;
  ORDERS_PERSONAL_DATA: PersonalDataApi;
  WEBHOOKS_PERSONAL_DATA: PersonalDataApi;
}

export const readSettings = settingsReader(z.object({ ...commonSettings, OUTBOX_LEASE_MS: positiveInteger }));
