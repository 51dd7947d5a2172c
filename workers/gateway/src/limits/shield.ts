import { createMiddleware } from "hono/factory";
import { clientOrigin } from "../../../../shared/http/context.ts";
import { networkOf } from "../../../../shared/http/network.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import type { Visit } from "../../../../shared/http/visit.ts";
import { describeError } from "../../../../shared/log.ts";
import type { Env } from "../env.ts";

/** The period of `SHIELD` in wrangler.toml: when a flooding address is let in again at the latest. */
const PERIOD_SECONDS = 10;

/**
 * Turns a flood from one address away before anything is looked up. Cloudflare counts per location and roughly, so the
 * shield lies far above the exact limits, which count callers: no honest one ever meets it. Where it is away, those
 * limits still hold.
 */
export const shield = createMiddleware<{ Bindings: Env }>(async (c, next) => (await refuseFlood(c)) ?? next());

export async function refuseFlood(c: Visit<Env>): Promise<Response | null> {
  const { ip } = clientOrigin(c.req.raw);
  if (ip === null) return null;
  try {
    const { success } = await c.env.SHIELD.limit({ key: networkOf(ip) });
    if (success) return null;
  } catch (error) {
    c.var.log.error("shield away", { error: describeError(error) });
    return null;
  }
  const failure = { code: "rate_limited", detail: "Too many requests come from your address." } as const;
  return refuse(c, failure, { headers: { "Retry-After": String(PERIOD_SECONDS) } });
}
