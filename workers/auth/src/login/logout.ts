import type { Actor } from "../../../../shared/http/identity.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { readRefreshToken } from "../signing/tokens.ts";

interface LogoutDeps {
  refreshSecret: string;
  /** Answers false when the session had ended before. */
  endSession(userId: string, sessionId: string, origin: EventOrigin): Promise<boolean>;
}

type LogoutFailure = "unauthenticated" | "invalid_refresh_token" | "forbidden";

/**
 * Ends the session of a refresh token, of any generation: whoever shows an old one may only end what it opened.
 * Without one, ends the session that is asking. Ending it twice is no failure.
 */
export async function logout(
  deps: LogoutDeps,
  origin: EventOrigin,
  actor: Actor | null,
  refreshToken: string | undefined,
): Promise<Result<null, LogoutFailure>> {
  if (refreshToken !== undefined) {
    const claim = await readRefreshToken(deps.refreshSecret, refreshToken);
    if (claim === null) return fail("invalid_refresh_token", "This is not a refresh token of ours.");
    await deps.endSession(claim.userId, claim.sessionId, origin);
    return ok(null);
  }
  if (actor === null)
    return fail("unauthenticated", "Send what is to end: a refresh token, an access token or the cookie.");
  if (actor.keyId !== null) return fail("forbidden", "An API key is ended at /api/keys.");
  await deps.endSession(actor.userId, actor.sessionId, origin);
  return ok(null);
}
