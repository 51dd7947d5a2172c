import { SYSTEM_ACCOUNT } from "../../../../shared/contracts/events.ts";
import type { Login } from "../../../../shared/contracts/users.ts";
import { newId } from "../../../../shared/ids.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import { type EventOrigin, newEvent } from "../../../../shared/outbox/event.ts";
import { type Failure, ok } from "../../../../shared/result.ts";
import type { UsersRepo } from "../accounts/users.repo.ts";
import { hashPassword, verifyPassword } from "../passwords/password.ts";
import type { User } from "../schema.ts";
import { fingerprint } from "../signing/tokens.ts";
import type { Block } from "./failure-window.ts";
import { type LimitDeps, takeTurn } from "./login-limits.ts";
import type { SignedInUser } from "./sign-in.ts";

export interface LoginDeps extends LimitDeps {
  users: Pick<UsersRepo, "find" | "findForLogin" | "upgradeHash" | "note">;
  commit: Commit;
  /** Keys the hash under which the limiters and the log know login names. */
  fingerprintSecret: string;
  /** Waits that many milliseconds. */
  wait(ms: number): Promise<void>;
}

/** A live session that the request shows besides the password. */
export interface KnownSession {
  userId: string;
  sessionId: string;
}

export interface LoginFailure extends Failure<"invalid_credentials" | "rate_limited" | "service_unavailable"> {
  /** Milliseconds until it may be tried again; null where waiting does not help. */
  retryAfterMs: number | null;
}

export type LoginOutcome = { ok: true; value: SignedInUser } | { ok: false; failure: LoginFailure };

const WRONG: LoginFailure = {
  code: "invalid_credentials",
  detail: "The address, the user name or the password is wrong.",
  retryAfterMs: null,
};
/** Without a count passwords could be guessed at any speed, so signing in waits for it. */
const AWAY: LoginFailure = {
  code: "service_unavailable",
  detail: "Signing in is not possible at the moment.",
  retryAfterMs: 5_000,
};

type FailureReason = "unknown_user" | "wrong_password" | "too_many_failures";

/**
 * Checks a password. Unknown people and wrong passwords do the same work, count and write the same, and get the same
 * answer, so that nobody learns who is registered here.
 * @param known passes the limit of the login name if it is a session of the user who has that name
 */
export async function login(
  deps: LoginDeps,
  origin: EventOrigin,
  input: Login,
  known: KnownSession | null,
): Promise<LoginOutcome> {
  const name = input.email ?? input.username ?? "";
  const { user, floorMs } = await deps.users.findForLogin(name);
  const loginFingerprint = await fingerprint(deps.fingerprintSecret, name);
  const isKnown = known !== null && known.userId === user?.id;
  const note = (reason: FailureReason) =>
    deps.commit(() => deps.users.note(failedEvent(origin, user, reason, loginFingerprint)));

  const turn = await takeTurn(deps, origin.ip, isKnown ? known : { loginFingerprint });
  if (!turn.isGiven) {
    if (turn.block?.isFirst) await note("too_many_failures");
    return refused(turn.block === null ? AWAY : blocked(turn.block));
  }

  // Begun before the check: in production the clock stands still while a hash is computed.
  const floor = floorMs === null ? null : deps.wait(floorMs);
  const isRight = await verifyPassword(input.password, user?.passwordHash ?? null);
  const isCounted = await turn.end(!isRight);
  if (isRight && user !== null) await upgradeHash(deps, user, input.password);
  else await note(user === null ? "unknown_user" : "wrong_password");
  await floor;

  if (!isCounted) return refused(AWAY);
  if (!isRight || user === null) return refused(WRONG);
  return ok({ user, warning: undefined, isStillRight: () => isStillRight(deps, user, input.password) });
}

/** Whether the password still is this user's, now that some time has passed since it was checked. */
async function isStillRight(deps: LoginDeps, { id, version }: User, password: string): Promise<boolean> {
  const user = await deps.users.find(id);
  return user !== null && (user.version === version || verifyPassword(password, user.passwordHash));
}

/**
 * Replaces an imported hash while its password is at hand, unless somebody else has changed it since: two logins at once
 * write once, and a password that was changed meanwhile stays.
 */
async function upgradeHash(deps: LoginDeps, user: User, password: string): Promise<void> {
  if (user.passwordFloorMs === null || user.passwordHash === null) return;
  const { id, passwordHash } = user;
  // Through commit although it writes no event: those of the import wait for the next one who does.
  await deps.commit(() => deps.users.upgradeHash(id, passwordHash, hashPassword(password)));
}

function refused(failure: LoginFailure): LoginOutcome {
  return { ok: false, failure };
}

/** One answer, whether the name or the address has failed too often. */
function blocked({ retryAfterMs }: Block): LoginFailure {
  const minutes = Math.max(1, Math.ceil(retryAfterMs / 60_000));
  const detail = `Too many failed attempts. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`;
  return { code: "rate_limited", detail, retryAfterMs };
}

/** An attempt is a resource of its own: nothing else about the user changes, so nothing else counts up. */
function failedEvent(origin: EventOrigin, user: User | null, reason: FailureReason, loginFingerprint: string) {
  return newEvent(origin, {
    type: "login.failed",
    account: user?.id ?? SYSTEM_ACCOUNT,
    resource: newId(),
    sequence: 1,
    metadata: { reason, loginFingerprint },
  });
}
