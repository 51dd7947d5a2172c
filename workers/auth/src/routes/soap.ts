import { type Context, Hono, type MiddlewareHandler } from "hono";
import { accepts } from "hono/accepts";
import { createMiddleware } from "hono/factory";
import { Registration, UserLookup } from "../../../../shared/contracts/users.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe, TEXT } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { refuseFields } from "../../../../shared/http/validate.ts";
import { lookUpUser } from "../accounts/look-up-user.ts";
import { register } from "../accounts/register.ts";
import { UsersRepo } from "../accounts/users.repo.ts";
import { readSettings } from "../env.ts";
import { GET_USER, REGISTER_USER, writeResponse } from "../soap/operations.ts";
import { SOAP_1_1, SOAP_1_2 } from "../soap/versions.ts";
import { writeWsdl } from "../soap/wsdl.ts";
import { unknownOrigin } from "./origin.ts";
import { refuseRegistration, registerDeps } from "./sign-in.ts";
import { answerResult } from "./soap-answers.ts";
import {
  answerInSoap,
  faultsForSoap,
  type Perform,
  SOAP_ENVELOPE,
  type SoapEnv,
  soapAnswer,
  takesEnvelopes,
} from "./soap-door.ts";

/** Registers without signing in: SOAP clients have no place for tokens. */
export const registersBySoap = takesEnvelopes(REGISTER_USER, async (c, fields) => {
  const input = Registration.safeParse(fields);
  if (!input.success) return refuseFields(c, "request", input.error.issues);
  const registered = await register(registerDeps(c), unknownOrigin(c), input.data);
  if (!registered.ok) return refuseRegistration(c, registered.failure);
  const { user, warning } = registered.value;
  const { id: userId, username, email, name, createdAt: created } = user;
  const values = { userId, username, email, name, created, warning };
  return answerResult(c.var.soapVersion, writeResponse(REGISTER_USER, values));
});

const performLookup: Perform = async (c, fields) => {
  const input = UserLookup.safeParse(fields);
  if (!input.success) return refuseFields(c, "request", input.error.issues);
  const found = await lookUpUser({ users: new UsersRepo(c.env.DB) }, input.data.username);
  if (!found.ok) return refuse(c, found.failure);
  const { username, name } = found.value;
  return answerResult(c.var.soapVersion, writeResponse(GET_USER, { username, name }));
};

const needsAccount: MiddlewareHandler = requires("account:read");

/** Strangers may look people up unless the setting closes it (C32). */
const lookupPolicy = createMiddleware<SoapEnv>(async (c, next) =>
  readSettings(c.env).SOAP_LOOKUP === "open" ? next() : needsAccount(c, next),
);

/** The doors that speak nothing but SOAP. */
export const soapRoutes = new Hono<SoapEnv>();

soapRoutes.get(
  "/register",
  describe({
    summary: "WSDL of the SOAP doors, with ?wsdl",
    tags: ["soap"],
    responds: { 200: { says: "WSDL 1.1", content: { "text/xml": TEXT } } },
    queries: { wsdl: "asks for the WSDL; there is nothing else to read here" },
  }),
  (c) => (asksForWsdl(c) ? answerWsdl(c) : refuseReader(c)),
);

soapRoutes.get(
  "/user/soap",
  describe({
    summary: "Look a user up by ?username=, or the WSDL with ?wsdl",
    tags: ["soap"],
    responds: { 200: soapAnswer("GetUserResponse") },
    queries: { username: "whom to look up", wsdl: "asks for the WSDL instead" },
  }),
  (c, next) => (asksForWsdl(c) ? answerWsdl(c) : next()),
  async (c, next) => {
    const supports = [SOAP_1_1.contentType, SOAP_1_2.contentType];
    const wanted = accepts(c, { header: "Accept", supports, default: SOAP_1_1.contentType });
    await answerInSoap(c, wanted === SOAP_1_2.contentType ? SOAP_1_2 : SOAP_1_1, next);
    c.res.headers.append("Vary", "Accept");
  },
  lookupPolicy,
  (c) => performLookup(c, { username: c.req.query("username") }),
);

soapRoutes.post(
  "/user/soap",
  describe({
    summary: "Look a user up: GetUser",
    tags: ["soap"],
    responds: { 200: soapAnswer("GetUserResponse") },
    takes: SOAP_ENVELOPE,
  }),
  faultsForSoap,
  lookupPolicy,
  takesEnvelopes(GET_USER, performLookup),
  (c) => {
    const detail = "Send a SOAP envelope: text/xml or application/soap+xml.";
    return refuse(c, { code: "unsupported_media_type", detail });
  },
);

/** Older toolkits write ?WSDL. */
function asksForWsdl(c: Context): boolean {
  return Object.keys(c.req.query()).some((name) => name.toLowerCase() === "wsdl");
}

function answerWsdl(c: Context<SoapEnv>): Response {
  const origin = readSettings(c.env).PUBLIC_ORIGIN ?? new URL(c.req.url).origin;
  return c.body(writeWsdl(origin), 200, { "Content-Type": "text/xml; charset=utf-8" });
}

function refuseReader(c: Context): Response {
  const detail = "/register takes POST. Its SOAP description is at /register?wsdl.";
  return refuse(c, { code: "method_not_allowed", detail }, { headers: { Allow: "POST" } });
}
