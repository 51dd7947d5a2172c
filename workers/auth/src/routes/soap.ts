import { type Context, Hono, type Next } from "hono";
import { accepts } from "hono/accepts";
import { except } from "hono/combine";
import { createMiddleware } from "hono/factory";
import { Registration, UserLookup } from "../../../../shared/contracts/users.ts";
import { limitBody } from "../../../../shared/http/body-limit.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe, TEXT } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import { refuseFields } from "../../../../shared/http/validate.ts";
import { type RouteEnv, readSettings } from "../env.ts";
import { lookUpUser } from "../look-up-user.ts";
import { unknownOrigin } from "../origin.ts";
import { register } from "../register.ts";
import { envelopeResponse, faultOfProblem, notUnderstood, versionMismatch } from "../soap/fault.ts";
import { GET_USER, REGISTER_USER, readFields, type SoapOperation, writeResponse } from "../soap/operations.ts";
import { type Reading, readRequest } from "../soap/read-request.ts";
import { SOAP_1_1, SOAP_1_2, SOAP_VERSIONS, type SoapVersion } from "../soap/versions.ts";
import { writeWsdl } from "../soap/wsdl.ts";
import { UsersRepo } from "../users.repo.ts";
import { refuseRegistration, registerDeps } from "./sign-in.ts";

/** An envelope of ours has some hundred bytes; a larger one is a mistake or an attack. */
const ENVELOPE_MAX_BYTES = 64 * 1024;
const limitEnvelope = limitBody("An envelope", ENVELOPE_MAX_BYTES);

declare module "hono" {
  interface ContextVariableMap {
    /** What the answer to a SOAP request is written in. */
    soapVersion: SoapVersion;
  }
}

interface SoapEnv {
  Bindings: RouteEnv;
}
type SoapContext = Context<SoapEnv>;

/** What an operation does with the fields of its request. Refusals are problem documents here, and faults outside. */
type Perform = (c: SoapContext, fields: Record<string, unknown>) => Promise<Response>;

/** A body in SOAP 1.1 or 1.2, as the OpenAPI document names it; the WSDL says what stands in it. */
export const SOAP_ENVELOPE = { [SOAP_1_1.contentType]: TEXT, [SOAP_1_2.contentType]: TEXT };

/** @param element the name of the answer's element in the WSDL */
export function soapAnswer(element: string) {
  return { says: `A SOAP envelope with a ${element}`, content: SOAP_ENVELOPE };
}

/** Whether a body is SOAP: by its content type, or by the header that SOAP 1.1 §6.1.1 demands. */
function isSoap(c: Context): boolean {
  if (c.req.header("SOAPAction") !== undefined) return true;
  return SOAP_VERSIONS.some(({ contentType }) => contentType === typeOf(c));
}

function typeOf(c: Context): string | undefined {
  return c.req.header("Content-Type")?.split(";")[0]?.trim().toLowerCase();
}

/** Whoever asks in SOAP is refused in SOAP: problem documents become faults, from wherever behind this door they come. */
export const faultsForSoap = createMiddleware<SoapEnv>(async (c, next) => {
  if (!isSoap(c)) return next();
  await answerInSoap(c, typeOf(c) === SOAP_1_2.contentType ? SOAP_1_2 : SOAP_1_1, next);
});

/** @param version what the answer is written in unless the envelope says otherwise */
async function answerInSoap(c: SoapContext, version: SoapVersion, next: Next): Promise<void> {
  c.set("soapVersion", version);
  await next();
  const isProblem = c.res.headers.get("Content-Type") === "application/problem+json";
  if (isProblem) c.res = await faultOfProblem(c.var.soapVersion, c.res);
}

/** Takes the envelopes of one operation on a path that takes other content too, which goes on to the next handler. */
function takeEnvelopes(operation: SoapOperation, perform: Perform) {
  return createMiddleware<SoapEnv>(async (c, next) => {
    if (!isSoap(c)) return next();
    let answer: Response | undefined;
    const tooLarge = await limitEnvelope(c, async () => {
      answer = await answerEnvelope(c, operation, perform);
    });
    return tooLarge ?? answer;
  });
}

async function answerEnvelope(c: SoapContext, operation: SoapOperation, perform: Perform): Promise<Response> {
  const contentType = c.req.header("Content-Type") ?? "";
  const reading = readRequest(await c.req.arrayBuffer(), c.var.soapVersion, contentType);
  c.set("soapVersion", reading.version);
  if (reading.outcome !== "request") return refuseReading(c, reading);
  const fields = readFields(operation, reading.request);
  return fields.ok ? perform(c, fields.value) : refuse(c, fields.failure);
}

function refuseReading(c: SoapContext, reading: Exclude<Reading, { outcome: "request" }>): Response {
  switch (reading.outcome) {
    case "malformed":
      return refuse(c, { code: "malformed_request", detail: reading.detail });
    case "wrong_version":
      return versionMismatch(reading.version);
    case "not_understood":
      return notUnderstood(reading.version, reading.headers);
  }
}

/** Registers without signing in: SOAP clients have no place for tokens. */
export const registersBySoap = takeEnvelopes(REGISTER_USER, async (c, fields) => {
  const input = Registration.safeParse(fields);
  if (!input.success) return refuseFields(c, "request", input.error.issues);
  const registered = await register(registerDeps(c), unknownOrigin(c), input.data);
  if (!registered.ok) return refuseRegistration(c, registered.failure);
  const { user, warning } = registered.value;
  const { id: userId, username, email, name, createdAt: created } = user;
  const values = { userId, username, email, name, created, warning };
  return envelopeResponse(c.var.soapVersion, writeResponse(REGISTER_USER, values));
});

const performLookup: Perform = async (c, fields) => {
  const input = UserLookup.safeParse(fields);
  if (!input.success) return refuseFields(c, "request", input.error.issues);
  const found = await lookUpUser({ users: new UsersRepo(c.env.DB) }, input.data.username);
  if (!found.ok) return refuse(c, found.failure);
  const { username, name } = found.value;
  return envelopeResponse(c.var.soapVersion, writeResponse(GET_USER, { username, name }));
};

/** Strangers may look people up unless the setting closes it (C32). */
const lookupPolicy = except((c) => readSettings(c.env).SOAP_LOOKUP === "open", requires("account:read"));

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
  (c, next) => {
    const wanted = accepts(c, {
      header: "Accept",
      supports: [SOAP_1_1.contentType, SOAP_1_2.contentType],
      default: "",
    });
    return answerInSoap(c, wanted === SOAP_1_2.contentType ? SOAP_1_2 : SOAP_1_1, next);
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
  takeEnvelopes(GET_USER, performLookup),
  (c) =>
    refuse(c, { code: "unsupported_media_type", detail: "Send a SOAP envelope: text/xml or application/soap+xml." }),
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
