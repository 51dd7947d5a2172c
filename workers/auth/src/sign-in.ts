import type { SignedIn } from "../../../shared/contracts/users.ts";
import type { EventOrigin } from "../../../shared/outbox/event.ts";
import type { User } from "./schema.ts";
import type { SessionMethod } from "./session-rules.ts";
import type { SigningKey } from "./signing-key.ts";
import { signAccessToken, writeRefreshToken } from "./tokens.ts";
import type { OpenedSession } from "./user-sessions.do.ts";
import { viewUser } from "./view.ts";

/** How tokens are made. Lifetimes are milliseconds. */
export interface TokenDeps {
  signingKey(): Promise<SigningKey>;
  refreshSecret: string;
  accessLifetimeMs: number;
}

export interface SignInDeps extends TokenDeps {
  openSession(userId: string, method: SessionMethod, origin: EventOrigin): Promise<OpenedSession>;
  /** How long the older clients' `token` lives; null where none is given out (C4). */
  legacyLifetimeMs: number | null;
}

export interface SignedInUser {
  user: User;
  /** What the person should know, such as that the password is a common one. */
  warning: string | undefined;
}

const MESSAGES = { register: "User registered successfully", login: "Login successful" } as const;

/** Opens a session for a user whose password was right, and makes the answer that register and login share. */
export async function signIn(
  deps: SignInDeps,
  { user, warning }: SignedInUser,
  method: SessionMethod,
  origin: EventOrigin,
): Promise<SignedIn> {
  const { sessionId, counter } = await deps.openSession(user.id, method, origin);
  const key = await deps.signingKey();
  const subject = { userId: user.id, sessionId, role: user.role };
  return {
    message: MESSAGES[method],
    userId: user.id,
    email: user.email,
    accessToken: await signAccessToken(key, subject, deps.accessLifetimeMs),
    refreshToken: await writeRefreshToken(deps.refreshSecret, { userId: user.id, sessionId, counter }),
    ...(deps.legacyLifetimeMs !== null && { token: await signAccessToken(key, subject, deps.legacyLifetimeMs) }),
    user: viewUser(user),
    ...(warning !== undefined && { warning }),
  };
}
