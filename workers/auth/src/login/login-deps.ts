import type { Context } from "hono";
import { bearerToken, verifyAccessToken } from "../../../../shared/http/access-token.ts";
import type { Logger } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { readRefreshToken } from "../signing/tokens.ts";
import type { KnownSession, LoginDeps } from "./login.ts";
import type { LimitDeps } from "./login-limits.ts";

type LoginContext = Context<{ Bindings: RouteEnv }>;

/** How failed passwords are counted. */
export function limitDeps(env: Pick<RouteEnv, "LOGIN_LIMITER">, log: Logger): LimitDeps {
  return { limiterOf: (name) => env.LOGIN_LIMITER.getByName(name), log };
}

/** What every door to `login` hands it. */
export function loginDeps(c: LoginContext): LoginDeps {
  return {
    users: new UsersRepo(c.env.DB),
    commit: committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx),
    fingerprintSecret: readSettings(c.env).JWT_REFRESH_SECRET,
    ...limitDeps(c.env, c.var.log),
    wait: (ms) => scheduler.wait(ms),
  };
}

/**
 * The live session that a login shows besides the password: by its access token, which the gateway also makes of a
 * cookie, or by its refresh token. Tokens that are no longer good do not count and do not harm; an API key is no session.
 */
export async function knownSession(c: LoginContext, refreshToken: string | undefined): Promise<KnownSession | null> {
  const shown = (await sessionOfAccessToken(c)) ?? (await sessionOfRefreshToken(c, refreshToken));
  if (shown === null) return null;
  return (await c.env.AUTH.sessionIsLive(shown.userId, shown.sessionId)) ? shown : null;
}

async function sessionOfAccessToken(c: LoginContext): Promise<KnownSession | null> {
  const token = bearerToken(c.req.raw);
  const claims = token === null ? null : await verifyAccessToken(token, c.env.AUTH);
  return claims === null || claims.key !== undefined ? null : { userId: claims.sub, sessionId: claims.sid };
}

async function sessionOfRefreshToken(c: LoginContext, token: string | undefined): Promise<KnownSession | null> {
  return token === undefined ? null : readRefreshToken(readSettings(c.env).JWT_REFRESH_SECRET, token);
}
