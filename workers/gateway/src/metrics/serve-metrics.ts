import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { bearerToken } from "../../../../shared/http/access-token.ts";
import { refuseStranger } from "../../../../shared/http/identity.ts";
import { isOwnMachine } from "../../../../shared/http/own-machine.ts";
import { isOperator } from "../callers/operator.ts";
import { type Env, readSettings } from "../env.ts";
import { PROMETHEUS_TEXT, writePrometheus } from "./prometheus-text.ts";
import { readMetrics } from "./read-metrics.ts";

type GatewayContext = Context<{ Bindings: Env }>;

/** `GET /metrics`: Prometheus' text, or JSON for whoever asks for it (C15). */
export async function serveMetrics(c: GatewayContext): Promise<Response> {
  if (!(await mayRead(c))) return refuseStranger(c, "Send the scrape token, or an admin's access token, as Bearer.");
  const metrics = await readMetrics(c.env, c.executionCtx);
  c.header("Vary", "Accept", { append: true });
  const wanted = accepts(c, {
    header: "Accept",
    supports: ["text/plain", "application/json"],
    default: "text/plain",
  });
  if (wanted === "application/json") return c.json({ metrics });
  return c.body(writePrometheus(metrics), 200, { "Content-Type": PROMETHEUS_TEXT });
}

/** How much a deployment is used is nobody else's business. On one's own machine there is nobody else. */
async function mayRead(c: GatewayContext): Promise<boolean> {
  if (isOwnMachine(new URL(c.req.url))) return true;
  const { METRICS_TOKEN } = readSettings(c.env);
  const shown = bearerToken(c.req.raw);
  if (METRICS_TOKEN !== undefined && shown !== null && (await isSame(shown, METRICS_TOKEN))) return true;
  return isOperator(c);
}

/** Compares digests, so that the time it takes tells nothing about the token. */
async function isSame(a: string, b: string): Promise<boolean> {
  const digests = [a, b].map((text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const [first, second] = await Promise.all(digests);
  return first !== undefined && second !== undefined && crypto.subtle.timingSafeEqual(first, second);
}
