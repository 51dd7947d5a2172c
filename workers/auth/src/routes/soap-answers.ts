import { type FieldError, ProblemDocument } from "../../../../shared/http/problem.ts";
import { writeEnvelope } from "../soap/envelope.ts";
import { type Fault, writeFault } from "../soap/fault.ts";
import { USERS_NAMESPACE } from "../soap/operations.ts";
import { SOAP_1_2, type SoapVersion } from "../soap/versions.ts";
import { element, type Xml, xml } from "../soap/xml-writer.ts";

/** Failures of the exchange itself. SOAP had no part in them yet, so they keep the status that HTTP has for them. */
const EXCHANGE_STATUSES = [401, 403, 413, 415, 429, 503];

/** What goes over from a problem document's answer to its fault's. */
const KEPT_HEADERS = ["Retry-After", "WWW-Authenticate"];

/** The answer to a request that was done. */
export function answerResult(version: SoapVersion, body: Xml): Response {
  return respond(version, 200, writeEnvelope(version, body));
}

/** SOAP 1.1 §6.2 sends every fault with 500; SOAP 1.2 part 2 §7.5.2.2 sends 400 where the sender is to blame. */
export function answerFault(version: SoapVersion, fault: Fault, exchangeStatus?: number): Response {
  const status = version === SOAP_1_2 && fault.code === "Client" ? 400 : 500;
  return respond(version, exchangeStatus ?? status, writeEnvelope(version, writeFault(version, fault), fault.headers));
}

/** Says in SOAP what a problem document says in JSON: its code, the fields that do not fit, and the request's id. */
export async function problemAsFault(version: SoapVersion, answer: Response): Promise<Response> {
  const { status, detail, code, requestId, errors = [] } = ProblemDocument.parse(await answer.json());
  const told = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
  const parts = [element("tns:code", code), element("tns:requestId", requestId), ...errors.map(writeError)];
  const fault: Fault = {
    code: status < 500 ? "Client" : "Server",
    reason: told === "" ? detail : told,
    detail: xml`<tns:problem xmlns:tns="${USERS_NAMESPACE}">${parts}</tns:problem>`,
  };
  const response = answerFault(version, fault, EXCHANGE_STATUSES.includes(status) ? status : undefined);
  for (const name of KEPT_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) response.headers.set(name, value);
  }
  return response;
}

function writeError({ path, message }: FieldError): Xml {
  return element("tns:error", [element("tns:path", path), element("tns:message", message)]);
}

function respond({ contentType }: SoapVersion, status: number, envelope: string): Response {
  const headers = { "Content-Type": `${contentType}; charset=utf-8`, "Cache-Control": "no-store" };
  return new Response(envelope, { status, headers });
}
