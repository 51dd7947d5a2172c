import type { Context } from "hono";
import type { Login, Registration, SignedInAnswer } from "../../../../shared/contracts/users.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { setSessionCookie } from "../../../../shared/http/session-cookie.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { ok, type Result } from "../../../../shared/result.ts";
import { type RegisterFailure, register } from "../accounts/register.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { type LoginFailure, login } from "../login/login.ts";
import { knownSession, loginDeps } from "../login/login-deps.ts";
import { type SignedInUser, signIn, signInByCookie } from "../login/sign-in.ts";
import { ABSOLUTE_LIFETIME_MS, type SessionMethod } from "../sessions/session-rules.ts";
import { tokenDeps } from "../signing/token-deps.ts";
import { unknownOrigin } from "./origin.ts";

/** RFC 6749 §5.1: answers that hold tokens are nobody's to keep. */
export const NO_STORE = { "Cache-Control": "no-store" };

export type CredentialContext = Context<{ Bindings: RouteEnv }>;

/** What a door hands out. */
export interface Handout {
  /** The session cookie in place of tokens, so that no script of a page ever holds a secret (C6). */
  byCookie: boolean;
  /** Whether the older clients' day-long `token` is among the tokens (C4). */
  legacyToken: boolean;
}

/** Somebody who is in, or the answer to somebody who is not. */
export type Entry = { answer: SignedInAnswer } | { refusal: Response };

/** The header that asks for the cookie, as the OpenAPI document explains it. */
export const SESSION_MODE = { "X-Session-Mode": "`cookie` for a session cookie in place of tokens" };

/** What clients that are not browsers ask for by a header. */
export function asksForCookie(c: Context): boolean {
  return c.req.header("X-Session-Mode")?.toLowerCase() === "cookie";
}

/** Registers and signs in. */
export async function enterByRegistration(c: CredentialContext, handout: Handout, input: Registration): Promise<Entry> {
  const registered = await register(registerDeps(c), unknownOrigin(c), input);
  if (!registered.ok) return { refusal: refuseRegistration(c, registered.failure) };
  return enter(c, handout, registered.value, "register");
}

/** Signs in by address or user name and password. */
export async function enterByPassword(
  c: CredentialContext,
  handout: Handout,
  { refreshToken, ...input }: Login & { refreshToken?: string | undefined },
): Promise<Entry> {
  const checked = await login(loginDeps(c), unknownOrigin(c), input, await knownSession(c, refreshToken));
  if (!checked.ok) return { refusal: refuseLogin(c, checked.failure) };
  return enter(c, handout, checked.value, "login");
}

async function enter(
  c: CredentialContext,
  handout: Handout,
  signedIn: SignedInUser,
  method: SessionMethod,
): Promise<Entry> {
  const entered = await (handout.byCookie
    ? openCookie(c, signedIn, method)
    : signIn(signInDeps(c, handout.legacyToken), signedIn, method, unknownOrigin(c)));
  return entered.ok ? { answer: entered.value } : { refusal: refuse(c, entered.failure) };
}

async function openCookie(
  c: CredentialContext,
  signedIn: SignedInUser,
  method: SessionMethod,
): Promise<Result<SignedInAnswer, "invalid_credentials">> {
  const deps = {
    refreshSecret: readSettings(c.env).JWT_REFRESH_SECRET,
    endSession: endSession(c),
    openCookie: (userId: string, secretHash: string, origin: EventOrigin) =>
      c.env.USER_SESSIONS.getByName(userId).openCookie(userId, method, secretHash, origin),
  };
  const opened = await signInByCookie(deps, signedIn, method, unknownOrigin(c));
  if (!opened.ok) return opened;
  setSessionCookie(c, opened.value.cookie, ABSOLUTE_LIFETIME_MS);
  return ok(opened.value.answer);
}

function signInDeps(c: CredentialContext, legacyToken: boolean) {
  return {
    ...tokenDeps(c.env, readSettings(c.env)),
    legacyLifetimeMs: legacyToken ? readSettings(c.env).LEGACY_TOKEN_EXPIRE : null,
    openSession: (userId: string, method: SessionMethod, origin: EventOrigin) =>
      c.env.USER_SESSIONS.getByName(userId).open(userId, method, origin),
    endSession: endSession(c),
  };
}

function endSession(c: CredentialContext) {
  return (userId: string, sessionId: string, origin: EventOrigin) =>
    c.env.USER_SESSIONS.getByName(userId).end(sessionId, "password_changed", origin);
}

/** Where users are written, with the announcement of their events. */
export function storage(c: CredentialContext) {
  return { users: new UsersRepo(c.env.DB), commit: committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx) };
}

export function registerDeps(c: CredentialContext) {
  return { ...storage(c), commonPasswords: readSettings(c.env).PASSWORD_BLOCKLIST };
}

function refuseLogin(c: CredentialContext, { retryAfterMs, ...failure }: LoginFailure): Response {
  if (retryAfterMs === null) return refuse(c, failure);
  return refuse(c, failure, { headers: { "Retry-After": String(Math.ceil(retryAfterMs / 1_000)) } });
}

export function refuseRegistration(c: CredentialContext, failure: { code: RegisterFailure; detail: string }): Response {
  const { code, detail } = failure;
  if (code !== "common_password") return refuse(c, { code, detail });
  const errors = [{ path: "password", message: detail }];
  return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
}
