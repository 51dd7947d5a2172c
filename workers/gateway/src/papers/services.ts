import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { CompleteServiceCard, type ServiceCards } from "../../../../shared/contracts/service-card.ts";
import type { Env } from "../env.ts";
import { systemHealth } from "../health/health.ts";
import { SERVICES } from "../routes.ts";
import { paperOf } from "./paper-of.ts";
import { servicesPagePolicy, writeServicesPage } from "./services-page.ts";

/**
 * Answers with the card of every service and how the service is (S3.0): JSON, or a page for a browser.
 * @param own the gateway's own card
 */
export async function answerServices(c: Context<{ Bindings: Env }>, own: CompleteServiceCard): Promise<Response> {
  const [health, cards] = await Promise.all([
    systemHealth(c.env, c.executionCtx),
    Promise.all(SERVICES.map((name) => paperOf(c.env, name, "/card", CompleteServiceCard))),
  ]);
  const others = SERVICES.map((name, index) => ({
    name,
    health: health.services[name]?.status ?? "unhealthy",
    card: cards[index] ?? null,
  }));
  const answer: ServiceCards = { services: [{ name: own.name, health: health.status, card: own }, ...others] };

  c.header("Vary", "Accept", { append: true });
  const wanted = accepts(c, {
    header: "Accept",
    supports: ["application/json", "text/html"],
    default: "application/json",
  });
  if (wanted === "application/json") return c.json(answer);
  return c.html(writeServicesPage(answer), 200, { "Content-Security-Policy": await servicesPagePolicy() });
}
