import { LANGUAGE, type ServiceCard } from "../../../shared/contracts/service-card.ts";

/** What this service says of itself, for `GET /services`. */
export const card: ServiceCard = {
  name: "webhooks",
  purpose: "The feed of what happened, for other people's servers.",
  language: LANGUAGE,
  communication: [
    "HTTP behind the gateway: JSON",
    "RPC WebhooksService for audit, which hands events over once they stand in the log",
  ],
  storage: ["D1 halftone-webhooks: the events that may be seen outside"],
  security: ["Addresses and user agents are never stored here", "Events about credentials stay in the log"],
  pattern: "Idempotent receiver: an event's id is taken once",
};
