import * as z from "zod";
import { ProblemDocument } from "../../../../shared/http/problem.ts";
import { SOAP_1_1, SOAP_1_2, SOAP_VERSIONS, type SoapVersion } from "./versions.ts";
import type { XmlElement } from "./xml.ts";
import { document, element, type Xml, xml } from "./xml-writer.ts";

/** SOAP 1.1 §4.4.1; SOAP 1.2 calls the last two Sender and Receiver. */
export type FaultCode = "VersionMismatch" | "MustUnderstand" | "Client" | "Server";

interface Fault {
  code: FaultCode;
  reason: string;
  /** Header blocks that explain the code. */
  headers?: Xml[];
  detail?: Xml;
}

/** Failures of the exchange itself. SOAP had no part in them yet, so they keep the status that HTTP has for them. */
const EXCHANGE_STATUSES = [401, 403, 413, 415, 429, 503];

/** What goes over from a problem document's response to its fault's. */
const KEPT_HEADERS = ["Retry-After", "WWW-Authenticate"];

/** An envelope around what a Body holds. */
export function envelopeResponse(
  version: SoapVersion,
  body: Xml,
  init: { status?: number; headers?: HeadersInit; soapHeaders?: Xml[] } = {},
): Response {
  const { status = 200, soapHeaders = [] } = init;
  const header = soapHeaders.length === 0 ? xml`` : element("soap:Header", soapHeaders);
  const envelope = xml`<soap:Envelope xmlns:soap="${version.namespace}">${header}<soap:Body>${body}</soap:Body></soap:Envelope>`;
  const headers = new Headers(init.headers);
  headers.set("Content-Type", `${version.contentType}; charset=utf-8`);
  headers.set("Cache-Control", "no-store");
  return new Response(document(envelope), { status, headers });
}

/** SOAP 1.1 §6.2 sends every fault with 500; SOAP 1.2 part 2 §7.5.2.2 sends 400 where the sender is to blame. */
export function faultResponse(version: SoapVersion, fault: Fault): Response {
  const status = version === SOAP_1_2 && fault.code === "Client" ? 400 : 500;
  return envelopeResponse(version, writeFault(version, fault), { status, soapHeaders: fault.headers ?? [] });
}

/** The problem documents that a fault takes the place of. */
const Problem = ProblemDocument.extend({
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});

/** Says in SOAP what a problem document says in JSON: its code, the fields that do not fit, and the request's id. */
export async function faultOfProblem(version: SoapVersion, answer: Response): Promise<Response> {
  const { status, detail, code, requestId, errors } = Problem.parse(await answer.json());
  const fields = errors.map(
    ({ path, message }) =>
      xml`<tns:error><tns:path>${path}</tns:path><tns:message>${message}</tns:message></tns:error>`,
  );
  const told = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const fault: Fault = {
    code: status < 500 ? "Client" : "Server",
    reason: told === "" ? detail : told,
    detail: xml`<tns:problem xmlns:tns="urn:halftone:users:v1"><tns:code>${code}</tns:code><tns:requestId>${requestId}</tns:requestId>${fields}</tns:problem>`,
  };
  const response = faultResponse(version, fault);
  const kept = new Response(response.body, {
    status: EXCHANGE_STATUSES.includes(status) ? status : response.status,
    headers: response.headers,
  });
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) kept.headers.set(name, value);
  }
  return kept;
}

/** SOAP 1.2 part 1 §5.4.7: the answer to another version names those that would do. */
export function versionMismatch(version: SoapVersion): Response {
  const supported = SOAP_VERSIONS.map(
    ({ namespace }) => xml`<soap:SupportedEnvelope xmlns:v="${namespace}" qname="v:Envelope"/>`,
  );
  const fault: Fault = { code: "VersionMismatch", reason: "This door speaks SOAP 1.1 and SOAP 1.2." };
  if (version === SOAP_1_1) return faultResponse(version, fault);
  return faultResponse(version, { ...fault, headers: [element("soap:Upgrade", supported)] });
}

/** SOAP 1.2 part 1 §5.4.8: the answer names the headers that we do not know. */
export function notUnderstood(version: SoapVersion, headers: XmlElement[]): Response {
  const fault: Fault = { code: "MustUnderstand", reason: "A header that must be understood is not known here." };
  if (version === SOAP_1_1) return faultResponse(version, fault);
  const blocks = headers.map(
    ({ namespace, name }) => xml`<soap:NotUnderstood xmlns:h="${namespace ?? ""}" qname="h:${name}"/>`,
  );
  return faultResponse(version, { ...fault, headers: blocks });
}

function writeFault(version: SoapVersion, { code, reason, detail }: Fault): Xml {
  const name = code === "Client" ? version.client : code === "Server" ? version.server : code;
  if (version === SOAP_1_1) {
    const details = detail === undefined ? xml`` : element("detail", detail);
    return xml`<soap:Fault><faultcode>soap:${name}</faultcode><faultstring xml:lang="en">${reason}</faultstring>${details}</soap:Fault>`;
  }
  const details = detail === undefined ? xml`` : element("soap:Detail", detail);
  return xml`<soap:Fault><soap:Code><soap:Value>soap:${name}</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="en">${reason}</soap:Text></soap:Reason>${details}</soap:Fault>`;
}
