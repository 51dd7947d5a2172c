import type { RefreshedTokens } from "../../../../shared/contracts/users.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { UsersRepo } from "../accounts/users.repo.ts";
import type { OpenedSession } from "../sessions/session-book.ts";
import { type RefreshClaim, readRefreshToken, signAccessToken, writeRefreshToken } from "../signing/tokens.ts";
import type { TokenDeps } from "./sign-in.ts";

interface RefreshDeps extends TokenDeps {
  users: Pick<UsersRepo, "find">;
  rotateSession(claim: RefreshClaim, origin: EventOrigin): Promise<Result<OpenedSession, "invalid_refresh_token">>;
}

/** Trades a refresh token for a new pair. The access token carries the role that the user has now. */
export async function refresh(
  deps: RefreshDeps,
  origin: EventOrigin,
  refreshToken: string,
): Promise<Result<RefreshedTokens, "invalid_refresh_token">> {
  const claim = await readRefreshToken(deps.refreshSecret, refreshToken);
  if (claim === null) return fail("invalid_refresh_token", "This is not a refresh token of ours.");
  const user = await deps.users.find(claim.userId);
  if (user === null) return fail("invalid_refresh_token", "This account does not exist any more.");
  const rotated = await deps.rotateSession(claim, origin);
  if (!rotated.ok) return rotated;

  const { sessionId, counter } = rotated.value;
  const subject = { userId: user.id, sessionId, role: user.role };
  return ok({
    message: "Tokens refreshed",
    accessToken: await signAccessToken(await deps.signingKey(), subject, deps.accessLifetimeMs),
    refreshToken: await writeRefreshToken(deps.refreshSecret, { userId: user.id, sessionId, counter }),
  });
}
