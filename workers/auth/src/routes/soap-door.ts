import type { Context, Next } from "hono";
import { every } from "hono/combine";
import { createMiddleware } from "hono/factory";
import { limitBody } from "../../../../shared/http/body-limit.ts";
import { TEXT } from "../../../../shared/http/openapi.ts";
import { refuse } from "../../../../shared/http/problem.ts";
import type { RouteEnv } from "../env.ts";
import { notUnderstood, versionMismatch } from "../soap/fault.ts";
import { readFields, type SoapOperation } from "../soap/operations.ts";
import { type Reading, readRequest } from "../soap/read-request.ts";
import { SOAP_1_1, SOAP_1_2, SOAP_VERSIONS, type SoapVersion } from "../soap/versions.ts";
import { answerFault, problemAsFault } from "./soap-answers.ts";

/** An envelope of ours has some hundred bytes; a larger one is a mistake or an attack. */
const ENVELOPE_MAX_BYTES = 64 * 1024;
const limitEnvelope = limitBody("An envelope", ENVELOPE_MAX_BYTES);

declare module "hono" {
  interface ContextVariableMap {
    /** What the answer to a SOAP request is written in. */
    soapVersion: SoapVersion;
  }
}

export interface SoapEnv {
  Bindings: RouteEnv;
}
type SoapContext = Context<SoapEnv>;

/** What an operation does with the fields of its request. Refusals are problem documents here, and faults outside. */
export type Perform = (c: SoapContext, fields: Record<string, unknown>) => Promise<Response>;

/** Whoever asks in SOAP is refused in SOAP: problem documents become faults, from wherever behind this door they come. */
export const faultsForSoap = createMiddleware<SoapEnv>(async (c, next) => {
  if (!isSoap(c)) return next();
  await answerInSoap(c, typeOf(c) === SOAP_1_2.contentType ? SOAP_1_2 : SOAP_1_1, next);
});

/** The same for a request that needs no envelope. @param version what the answer is written in, but for an envelope's own */
export async function answerInSoap(c: SoapContext, version: SoapVersion, next: Next): Promise<void> {
  c.set("soapVersion", version);
  await next();
  const isProblem = c.res.headers.get("Content-Type") === "application/problem+json";
  if (isProblem) c.res = await problemAsFault(c.var.soapVersion, c.res);
}

/** Takes the envelopes of one operation on a path that takes other content too, which goes on to the next handler. */
export function takesEnvelopes(operation: SoapOperation, perform: Perform) {
  const answer = every(limitEnvelope, (c: SoapContext) => answerEnvelope(c, operation, perform));
  return createMiddleware<SoapEnv>(async (c, next) => (isSoap(c) ? answer(c, next) : next()));
}

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

async function answerEnvelope(c: SoapContext, operation: SoapOperation, perform: Perform): Promise<Response> {
  const contentType = c.req.header("Content-Type") ?? "";
  const reading = readRequest(new Uint8Array(await c.req.arrayBuffer()), c.var.soapVersion, contentType);
  c.set("soapVersion", reading.version);
  if (reading.outcome !== "request") return refuseReading(c, reading);
  const fields = readFields(operation, reading.request);
  return fields.ok ? perform(c, fields.value) : refuse(c, fields.failure);
}

function refuseReading(c: SoapContext, reading: Exclude<Reading, { outcome: "request" }>): Response {
  const { version } = reading;
  switch (reading.outcome) {
    case "malformed":
      return refuse(c, { code: "malformed_request", detail: reading.detail });
    case "wrong_version":
      return answerFault(version, versionMismatch(version));
    case "not_understood":
      return answerFault(version, notUnderstood(version, reading.headers));
  }
}
