import * as z from "zod";
import type { AuthApi, EventsWaiting, ImagesApi } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import { addressList, commonSettings, positiveInteger, settingsReader } from "../../../shared/settings.ts";
import type { Relay } from "./relay.do.ts";

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  PUBLISHED_KEYS: KVNamespace;
  RELAY: DurableObjectNamespace<Relay>;
  EVENTS: Queue<EventsWaiting>;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  IMAGES: Service<ImagesApi & Rpc.WorkerEntrypointBranded>;
  /** Who moves orders on besides the admin: nobody (`admin`) or their owner (`owner`). */
  ORDER_STATUS_BY: string;
  /** Addresses of a user service that is asked about customers in auth's place (S1.57). */
  USER_SERVICE_URL: string;
}

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    OUTBOX_LEASE_MS: positiveInteger,
    ORDER_STATUS_BY: z.enum(["admin", "owner"]),
    USER_SERVICE_URL: addressList,
  }),
);
