import { type Context, Hono } from "hono";
import { Login, RefreshedTokens, RefreshRequest, Registration, SignedIn } from "../../../../shared/contracts/users.ts";
import { clientOrigin } from "../../../../shared/http/context.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { jsonBody } from "../../../../shared/http/validate.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { KEYRING_NAME } from "../keyring.do.ts";
import { login } from "../login.ts";
import { refresh } from "../refresh.ts";
import { type RegisterFailure, register } from "../register.ts";
import type { SessionMethod } from "../session-rules.ts";
import { signIn } from "../sign-in.ts";
import { currentSigningKey } from "../signing-key.ts";
import type { RefreshClaim } from "../tokens.ts";
import { UsersRepo } from "../users.repo.ts";

/** RFC 6749 §5.1: answers that hold tokens are nobody's to keep. */
const NO_STORE = { "Cache-Control": "no-store" };

type CredentialContext = Context<{ Bindings: RouteEnv }>;

/**
 * Register, login and refresh, mounted under every path that they go by (C1).
 * @param legacyToken whether these paths also answer the day-long `token` of the older clients (C4)
 */
export function credentialRoutes({ legacyToken }: { legacyToken: boolean }) {
  const routes = new Hono<{ Bindings: RouteEnv }>();

  routes.post(
    "/register",
    describe({ summary: "Register", tags: ["auth"], open: true, responds: { 201: SignedIn } }),
    jsonBody(Registration),
    async (c) => {
      const commonPasswords = readSettings(c.env).PASSWORD_BLOCKLIST;
      const registered = await register({ ...storage(c), commonPasswords }, originOf(c), c.req.valid("json"));
      if (!registered.ok) return refuseRegistration(c, registered.failure);
      return c.json(await signIn(signInDeps(c, legacyToken), registered.value, "register", originOf(c)), 201, NO_STORE);
    },
  );

  routes.post(
    "/login",
    describe({ summary: "Sign in", tags: ["auth"], open: true, responds: { 200: SignedIn } }),
    jsonBody(Login),
    async (c) => {
      const fingerprintSecret = readSettings(c.env).JWT_REFRESH_SECRET;
      const checked = await login({ ...storage(c), fingerprintSecret }, originOf(c), c.req.valid("json"));
      if (!checked.ok) return refuse(c, checked.failure);
      return c.json(await signIn(signInDeps(c, legacyToken), checked.value, "login", originOf(c)), 200, NO_STORE);
    },
  );

  routes.post(
    "/refresh",
    describe({
      summary: "Trade a refresh token for new tokens",
      tags: ["auth"],
      open: true,
      responds: { 200: RefreshedTokens },
    }),
    jsonBody(RefreshRequest),
    async (c) => {
      const deps = { ...storage(c), ...tokenDeps(c), rotateSession: rotateSession(c) };
      const refreshed = await refresh(deps, originOf(c), c.req.valid("json").refreshToken);
      return refreshed.ok ? c.json(refreshed.value, 200, NO_STORE) : refuse(c, refreshed.failure);
    },
  );

  return routes;
}

/** Nobody is signed in on these routes, so the request alone says where an event comes from. */
function originOf(c: CredentialContext): EventOrigin {
  return { userId: null, sessionId: null, keyId: null, ...clientOrigin(c.req.raw), requestId: c.var.requestId };
}

function storage(c: CredentialContext) {
  return { users: new UsersRepo(c.env.DB), commit: committer(c.env.RELAY.getByName(RELAY_NAME), c.executionCtx) };
}

function tokenDeps(c: CredentialContext) {
  const { JWT_SECRET, JWT_REFRESH_SECRET, JWT_ACCESS_EXPIRE } = readSettings(c.env);
  return {
    signingKey: () => currentSigningKey(c.env.KEYRING.getByName(KEYRING_NAME), JWT_SECRET),
    refreshSecret: JWT_REFRESH_SECRET,
    accessLifetimeMs: JWT_ACCESS_EXPIRE,
  };
}

function signInDeps(c: CredentialContext, legacyToken: boolean) {
  return {
    ...tokenDeps(c),
    legacyLifetimeMs: legacyToken ? readSettings(c.env).LEGACY_TOKEN_EXPIRE : null,
    openSession: (userId: string, method: SessionMethod, origin: EventOrigin) =>
      c.env.USER_SESSIONS.getByName(userId).open(userId, method, origin),
  };
}

function rotateSession(c: CredentialContext) {
  return ({ userId, sessionId, counter }: RefreshClaim, origin: EventOrigin) =>
    c.env.USER_SESSIONS.getByName(userId).rotate(sessionId, counter, origin);
}

function refuseRegistration(c: CredentialContext, failure: { code: RegisterFailure; detail: string }): Response {
  const { code, detail } = failure;
  if (code !== "common_password") return refuse(c, { code, detail });
  const errors = [{ path: "password", message: detail }];
  return refuse(c, { code: "invalid_request", detail: "The body does not fit: see errors." }, { errors });
}
