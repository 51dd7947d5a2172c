/** A lost answer or a second tab may show the token before the current one again for this long. */
export const GRACE_MS = 10_000;
/** Nobody stays signed in longer than this without a password, however often they come back. */
export const ABSOLUTE_LIFETIME_MS = 30 * 86_400_000;
/** Live sessions of one user; the oldest gives way to the next. */
export const LIVE_SESSIONS_MAX = 100;
/** Being seen is written down at most this often: a write for every request would cost more than the request. */
export const SEEN_EVERY_MS = 60_000;

/** `session`: a client that holds tokens and refreshes them. `cookie`: a browser that holds the cookie only (C6). */
export type SessionKind = "session" | "cookie";
export type SessionMethod = "register" | "login";
export type RevokeReason =
  | "refresh_token_reused"
  | "session_limit"
  | "logout"
  | "ended_by_user"
  | "password_changed"
  | "account_erased";

/** One sign-in of a user. All times are Unix milliseconds. */
export interface Session {
  id: string;
  kind: SessionKind;
  createdAt: number;
  lastSeenAt: number;
  /** The generation of the refresh token that is good now, from 1. */
  counter: number;
  /** When that generation was given out; null before the first rotation. */
  rotatedAt: number | null;
  idleExpiresAt: number;
  absoluteExpiresAt: number;
  revokedAt: number | null;
  revokeReason: RevokeReason | null;
  ip: string | null;
  userAgent: string | null;
  method: SessionMethod;
  /** What the cookie's secret must hash to; null where there is no cookie. */
  secretHash: string | null;
}

/**
 * What a genuine refresh token of some generation does to its session: gets a successor, gets the same successor once
 * more, finds the session over, or gives away that somebody holds a copy.
 */
export type RefreshVerdict = "rotate" | "repeat" | "over" | "reused";

export function isLive(session: Session, now: number): boolean {
  return session.revokedAt === null && now < session.idleExpiresAt && now < session.absoluteExpiresAt;
}

/** When a session that is used now runs out if it is not used again. */
export function idleExpiry(now: number, idleMs: number, absoluteExpiresAt: number): number {
  return Math.min(now + idleMs, absoluteExpiresAt);
}

export function judgeRefresh(session: Session, counter: number, now: number): RefreshVerdict {
  if (!isLive(session, now)) return "over";
  if (counter === session.counter) return "rotate";
  const { rotatedAt } = session;
  const isPrevious = counter === session.counter - 1;
  if (isPrevious && rotatedAt !== null && now - rotatedAt <= GRACE_MS) return "repeat";
  return "reused";
}
