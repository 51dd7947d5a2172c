import type { Context } from "hono";
import { isOperator } from "../callers/operator.ts";
import type { Env } from "../env.ts";
import { systemHealth, withoutDetail } from "./health.ts";

/** `GET /health` (S1.44, C14): for everybody, with the services' dependencies and times for admins. */
export async function serveHealth(c: Context<{ Bindings: Env }>): Promise<Response> {
  const [report, mayKnow] = await Promise.all([systemHealth(c.env, c.executionCtx), isOperator(c)]);
  return c.json(mayKnow ? report : withoutDetail(report), report.status === "unhealthy" ? 503 : 200);
}
