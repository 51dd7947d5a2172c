import type { Context } from "hono";
import { permissionsIn, verifyAccessToken } from "../../../../shared/http/access-token.ts";
import type { Env } from "../env.ts";
import { authenticate } from "./authenticate.ts";

/** What operators read must answer in the worst hour too, so whoever cannot be known is a stranger, not a failure. */
const STRANGERS_WELCOME = { givesCredentials: true, open: true } as const;

/** Whether the caller looks after this deployment. */
export async function isOperator(c: Context<{ Bindings: Env }>): Promise<boolean> {
  const caller = await authenticate(c, STRANGERS_WELCOME);
  if ("refusal" in caller || caller.identity === null) return false;
  const claims = await verifyAccessToken(caller.identity.accessToken, c.env.AUTH);
  return claims !== null && permissionsIn(claims).has("system:manage");
}
