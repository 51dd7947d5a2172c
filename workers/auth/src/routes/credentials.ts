import { Hono } from "hono";
import {
  Login,
  RefreshedTokens,
  RefreshRequest,
  Registration,
  SignedInAnswer,
} from "../../../../shared/contracts/users.ts";
import { asForm, describe } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { jsonBody } from "../../../../shared/http/validate.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { refresh } from "../login/refresh.ts";
import { tokenDeps } from "../signing/token-deps.ts";
import type { RefreshClaim } from "../signing/tokens.ts";
import { HOME_BY_FORM, registersByForm, signsInByForm } from "./forms.ts";
import { unknownOrigin } from "./origin.ts";
import {
  asksForCookie,
  type CredentialContext,
  enterByPassword,
  enterByRegistration,
  NO_STORE,
  SESSION_MODE,
  storage,
} from "./sign-in.ts";
import { registersBySoap } from "./soap.ts";
import { faultsForSoap, SOAP_ENVELOPE, soapAnswer } from "./soap-door.ts";

/**
 * Register, login and refresh, mounted under every path that they go by (C1). Register and login take JSON, forms and
 * SOAP, told apart by their content type (C2).
 * @param legacyToken whether these paths also answer the day-long `token` of the older clients (C4)
 */
export function credentialRoutes({ legacyToken }: { legacyToken: boolean }) {
  const routes = new Hono<{ Bindings: RouteEnv }>();

  routes.post(
    "/register",
    describe({
      summary: "Register",
      tags: ["auth"],
      responds: { 200: soapAnswer("RegisterUserResponse"), 201: SignedInAnswer, 303: HOME_BY_FORM },
      sends: { 303: ["Location"] },
      takes: { "application/json": Registration, ...asForm(Registration), ...SOAP_ENVELOPE },
      headers: SESSION_MODE,
    }),
    faultsForSoap,
    registersBySoap,
    registersByForm(legacyToken),
    jsonBody(Registration),
    async (c) => {
      const entry = await enterByRegistration(c, { byCookie: asksForCookie(c), legacyToken }, c.req.valid("json"));
      return "refusal" in entry ? entry.refusal : c.json(entry.answer, 201, NO_STORE);
    },
  );

  routes.post(
    "/login",
    describe({
      summary: "Sign in",
      tags: ["auth"],
      responds: { 200: SignedInAnswer, 303: HOME_BY_FORM },
      sends: { 303: ["Location"] },
      takes: { "application/json": Login, ...asForm(Login) },
      headers: SESSION_MODE,
    }),
    faultsForSoap,
    signsInByForm(legacyToken),
    jsonBody(Login),
    async (c) => {
      const entry = await enterByPassword(c, { byCookie: asksForCookie(c), legacyToken }, c.req.valid("json"));
      return "refusal" in entry ? entry.refusal : c.json(entry.answer, 200, NO_STORE);
    },
  );

  routes.post(
    "/refresh",
    describe({
      summary: "Trade a refresh token for new tokens",
      tags: ["auth"],
      responds: { 200: RefreshedTokens },
    }),
    jsonBody(RefreshRequest),
    async (c) => {
      const deps = { ...storage(c), ...tokenDeps(c.env, readSettings(c.env)), rotateSession: rotateSession(c) };
      const refreshed = await refresh(deps, unknownOrigin(c), c.req.valid("json").refreshToken);
      return refreshed.ok ? c.json(refreshed.value, 200, NO_STORE) : refuse(c, refreshed.failure);
    },
  );

  return routes;
}

function rotateSession(c: CredentialContext) {
  return ({ userId, sessionId, counter }: RefreshClaim, origin: EventOrigin) =>
    c.env.USER_SESSIONS.getByName(userId).rotate(sessionId, counter, origin);
}
