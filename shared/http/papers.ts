import type { Env, Hono, Schema } from "hono";
import type { ServiceCard } from "../contracts/service-card.ts";
import type { SettingsReader } from "../settings.ts";
import { completeCard } from "./card.ts";
import { describeApp, hidden } from "./openapi.ts";

/** What a service answers to the gateway alone, which speaks for all of them. */
const INTERNAL_PATHS = ["/health", "/gauges"];

/**
 * Adds what a service says of itself, for the gateway to gather: `GET /openapi.json`, its part of the API's document,
 * and `GET /card`.
 */
export function servePapers<E extends Env, S extends Schema, Base extends string>(
  app: Hono<E, S, Base>,
  card: ServiceCard,
  settings: SettingsReader<unknown>,
): void {
  app.get("/openapi.json", hidden, async (c) => c.json(await describeApp(app, card, INTERNAL_PATHS)));
  app.get("/card", hidden, async (c) => {
    const document = await describeApp(app, card, INTERNAL_PATHS);
    return c.json(completeCard(card, endpointsOf(document), settings));
  });
}

/** The endpoints that a document describes, such as `GET /api/images`. */
export function endpointsOf(document: { paths: Record<string, object | undefined> }): string[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
  );
}
