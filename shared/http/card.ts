import type { Env, Hono, Schema } from "hono";
import type { CompleteServiceCard, ServiceCard } from "../contracts/service-card.ts";
import type { SettingsReader } from "../settings.ts";

/** A card with the endpoints of a service and the settings of its reader, so that both are always true. */
export function completeCard(
  card: ServiceCard,
  endpoints: string[],
  settings: SettingsReader<unknown>,
): CompleteServiceCard {
  return { ...card, endpoints: endpoints.toSorted(), configuration: settings.names.toSorted() };
}

/**
 * Adds `GET /card` to a service that has no routes for callers from outside, and so no part of the API's document: what
 * makes the document would be half of the resizer's script.
 */
export function serveCard<E extends Env, S extends Schema, Base extends string>(
  app: Hono<E, S, Base>,
  card: ServiceCard,
  settings: SettingsReader<unknown>,
): void {
  app.get("/card", (c) => c.json(completeCard(card, [], settings)));
}
