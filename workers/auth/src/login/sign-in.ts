import type { SignedIn, SignedInByCookie } from "../../../../shared/contracts/users.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { viewUser } from "../accounts/view.ts";
import type { User } from "../schema.ts";
import { hashCookieSecret, newSecret, writeCredential } from "../sessions/credentials.ts";
import type { OpenedSession } from "../sessions/session-book.ts";
import type { SessionMethod } from "../sessions/session-rules.ts";
import type { SigningKey } from "../signing/signing-key.ts";
import { signAccessToken, writeRefreshToken } from "../signing/tokens.ts";

/** How tokens are made. Lifetimes are milliseconds. */
export interface TokenDeps {
  signingKey(): Promise<SigningKey>;
  refreshSecret: string;
  accessLifetimeMs: number;
}

interface EndDeps {
  endSession(userId: string, sessionId: string, origin: EventOrigin): Promise<unknown>;
}

export interface SignInDeps extends TokenDeps, EndDeps {
  openSession(userId: string, method: SessionMethod, origin: EventOrigin): Promise<OpenedSession>;
  /** How long the older clients' `token` lives; null where none is given out (C4). */
  legacyLifetimeMs: number | null;
}

export interface SignedInUser {
  user: User;
  /** What the person should know, such as that the password is a common one. */
  warning: string | undefined;
  /** Asked when the session is open: a password that was changed while it was checked opens none. */
  isStillRight(): Promise<boolean>;
}

const MESSAGES = { register: "User registered successfully", login: "Login successful" } as const;

/** Opens a session for a user whose password was right, and makes the answer that register and login share. */
export async function signIn(
  deps: SignInDeps,
  signedIn: SignedInUser,
  method: SessionMethod,
  origin: EventOrigin,
): Promise<Result<SignedIn, "invalid_credentials">> {
  const { user } = signedIn;
  const { sessionId, counter } = await deps.openSession(user.id, method, origin);
  if (!(await signedIn.isStillRight())) return endAtOnce(deps, user.id, sessionId, origin);
  const key = await deps.signingKey();
  const subject = { userId: user.id, sessionId, role: user.role };
  return ok({
    ...greeting(signedIn, method),
    accessToken: await signAccessToken(key, subject, deps.accessLifetimeMs),
    refreshToken: await writeRefreshToken(deps.refreshSecret, { userId: user.id, sessionId, counter }),
    ...(deps.legacyLifetimeMs !== null && { token: await signAccessToken(key, subject, deps.legacyLifetimeMs) }),
  });
}

export interface CookieSignInDeps extends EndDeps {
  refreshSecret: string;
  openCookie(userId: string, secretHash: string, origin: EventOrigin): Promise<OpenedSession>;
}

/** The same for a browser: the session's secret goes into the cookie, and nothing of it into the answer. */
export async function signInByCookie(
  deps: CookieSignInDeps,
  signedIn: SignedInUser,
  method: SessionMethod,
  origin: EventOrigin,
): Promise<Result<{ cookie: string; answer: SignedInByCookie }, "invalid_credentials">> {
  const secret = newSecret();
  const userId = signedIn.user.id;
  const { sessionId } = await deps.openCookie(userId, await hashCookieSecret(deps.refreshSecret, secret), origin);
  if (!(await signedIn.isStillRight())) return endAtOnce(deps, userId, sessionId, origin);
  return ok({ cookie: writeCredential("cookie", userId, sessionId, secret), answer: greeting(signedIn, method) });
}

/**
 * A change of the password ends the sessions that are open then, and this one opened a moment later by the old one.
 * Whoever keeps signing in with a stolen password would otherwise outlive its change.
 */
async function endAtOnce(deps: EndDeps, userId: string, sessionId: string, origin: EventOrigin) {
  await deps.endSession(userId, sessionId, origin);
  return fail("invalid_credentials", "The password was changed meanwhile.");
}

function greeting({ user, warning }: SignedInUser, method: SessionMethod): SignedInByCookie {
  return {
    message: MESSAGES[method],
    userId: user.id,
    email: user.email,
    user: viewUser(user),
    ...(warning !== undefined && { warning }),
  };
}
