import * as z from "zod";
import type { AuthApi, EventsWaiting } from "../../../shared/contracts/rpc.ts";
import type { ServiceBindings } from "../../../shared/http/context.ts";
import type { RelayBindings } from "../../../shared/outbox/relay.do.ts";
import {
  commonSettings,
  optionalSecret,
  positiveInteger,
  publicOrigin,
  secret,
  settingsReader,
} from "../../../shared/settings.ts";
import type { WebhookQueue } from "./delivery/webhook-queue.do.ts";
import type { Relay } from "./relay.do.ts";

export interface Env extends ServiceBindings, RelayBindings {
  DB: D1Database;
  PUBLISHED_KEYS: KVNamespace;
  /** What waits for each webhook, by the webhook's id. */
  WEBHOOK_QUEUES: DurableObjectNamespace<WebhookQueue>;
  RELAY: DurableObjectNamespace<Relay>;
  EVENTS: Queue<EventsWaiting>;
  AUTH: Service<AuthApi & Rpc.WorkerEntrypointBranded>;
  /** Seals the secrets that webhooks are signed with. */
  WEBHOOK_SEAL_SECRET: string;
  /** The one before it: what it sealed still opens. */
  WEBHOOK_SEAL_SECRET_PREVIOUS?: string;
  /** Whether webhooks may go to the same machine: for development. */
  WEBHOOK_ALLOW_LOCAL: string;
  WEBHOOK_TIMEOUT_MS: string;
  /** The product's own origin, which no webhook may go to; the request's is refused besides. */
  PUBLIC_ORIGIN: string;
}

export const readSettings = settingsReader(
  z.object({
    ...commonSettings,
    OUTBOX_LEASE_MS: positiveInteger,
    PUBLIC_ORIGIN: publicOrigin,
    WEBHOOK_ALLOW_LOCAL: z.enum(["true", "false"]).transform((text) => text === "true"),
    WEBHOOK_TIMEOUT_MS: positiveInteger,
    WEBHOOK_SEAL_SECRET: secret,
    WEBHOOK_SEAL_SECRET_PREVIOUS: optionalSecret,
  }),
);
