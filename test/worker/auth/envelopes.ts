import { call } from "../call.ts";

const SOAP_1_1_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_1_2_NAMESPACE = "http://www.w3.org/2003/05/soap-envelope";
export const USERS_NAMESPACE = "urn:halftone:users:v1";

/** A version as its clients write it, and what its faults say. */
export const VERSIONS = {
  "1.1": { namespace: SOAP_1_1_NAMESPACE, contentType: "text/xml; charset=utf-8", client: "Client", clientStatus: 500 },
  "1.2": {
    namespace: SOAP_1_2_NAMESPACE,
    contentType: 'application/soap+xml; charset=utf-8; action="urn:halftone:users:v1:RegisterUser"',
    client: "Sender",
    clientStatus: 400,
  },
} as const;
export type VersionName = keyof typeof VERSIONS;
export const VERSION_NAMES = ["1.1", "1.2"] as const;

/** An envelope around what its Body holds. */
export function envelope(body: string, version: VersionName = "1.1", header = ""): string {
  const { namespace } = VERSIONS[version];
  return `<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="${namespace}" xmlns:u="${USERS_NAMESPACE}">${header}<soap:Body>${body}</soap:Body></soap:Envelope>`;
}

/** Fields as elements; the values are XML already. */
function elements(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `<u:${name}>${value}</u:${name}>`)
    .join("\n      ");
}

export function registerRequest(fields: Record<string, string>): string {
  return `<u:RegisterUserRequest>\n      ${elements(fields)}\n</u:RegisterUserRequest>`;
}

export function getUserRequest(username: string): string {
  return `<u:GetUserRequest>${elements({ username })}</u:GetUserRequest>`;
}

/** Sends XML as clients of that version do. */
export function post(path: string, xml: BodyInit, version: VersionName = "1.1", headers: Record<string, string> = {}) {
  return call(path, { body: xml, headers: { "Content-Type": VERSIONS[version].contentType, ...headers } });
}

/** What is said of a fault, whichever version it is written in. */
export interface Fault {
  status: number;
  type: string | undefined;
  /** Without its prefix. */
  code: string | undefined;
  problem: string | undefined;
  text: string;
}

export async function faultOf(response: Response): Promise<Fault> {
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get("Content-Type")?.split(";")[0],
    code: /<(?:faultcode|soap:Value)>soap:(\w+)</.exec(text)?.[1],
    problem: /<tns:code>(\w+)</.exec(text)?.[1],
    text,
  };
}
