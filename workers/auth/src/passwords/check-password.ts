import type { Actor } from "../../../../shared/http/identity.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { type LimitDeps, takeTurn } from "../login/login-limits.ts";
import type { User } from "../schema.ts";
import { verifyPassword } from "./password.ts";

export type CheckPasswordFailure = "wrong_password" | "rate_limited" | "service_unavailable";

/**
 * Whether somebody who is signed in also knows their password. Counted like a login, or whoever holds a stolen token
 * could guess it here.
 */
export async function checkPassword(
  deps: LimitDeps,
  { ip, sessionId }: Actor,
  user: User,
  password: string,
): Promise<Result<null, CheckPasswordFailure>> {
  const turn = await takeTurn(deps, ip, { sessionId });
  if (!turn.isGiven) {
    if (turn.block === null) return fail("service_unavailable", "Passwords cannot be checked at the moment.");
    return fail("rate_limited", "Too many wrong passwords. Try again in a quarter of an hour.");
  }
  const isRight = await verifyPassword(password, user.passwordHash);
  const isCounted = await turn.end(!isRight);
  if (!isCounted) return fail("service_unavailable", "Passwords cannot be checked at the moment.");
  return isRight ? ok(null) : fail("wrong_password", "This is not your password.");
}
