import { fail, ok, type Result } from "../../../../shared/result.ts";
import { SOAP_1_1, SOAP_VERSIONS, type SoapVersion } from "./versions.ts";
import type { XmlElement } from "./xml.ts";
import { document, element, type Xml, xml } from "./xml-writer.ts";

export interface Envelope {
  headers: XmlElement[];
  /** The one element of the Body: what is asked. */
  request: XmlElement;
}

/** The version that an envelope belongs to; null for one of a version that nobody here knows. */
export function versionOf(root: XmlElement): SoapVersion | null {
  return SOAP_VERSIONS.find(({ namespace }) => namespace === root.namespace) ?? null;
}

/** Finds what an envelope of a known version asks. */
export function openEnvelope(root: XmlElement, { namespace }: SoapVersion): Result<Envelope, "malformed_request"> {
  const [first, ...rest] = root.children;
  const hasHeader = first?.name === "Header" && first.namespace === namespace;
  const [body, ...others] = hasHeader ? rest : root.children;
  if (body?.name !== "Body" || body.namespace !== namespace || others.length > 0) {
    return fail("malformed_request", "An envelope holds at most one Header, then one Body, and nothing else.");
  }
  const [request, ...more] = body.children;
  if (request === undefined || more.length > 0) return fail("malformed_request", "The Body holds one request.");
  return ok({ headers: hasHeader ? first.children : [], request });
}

/** Receivers that a header may name besides leaving it open, and that are us: SOAP 1.1 §4.2.2, SOAP 1.2 part 1 §2.2. */
const OUR_ROLES = [
  "",
  "http://schemas.xmlsoap.org/soap/actor/next",
  "http://www.w3.org/2003/05/soap-envelope/role/next",
  "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];

/** The headers that we must understand to go on. We know none, so each of them is one too many. */
export function findMandatory(headers: XmlElement[], version: SoapVersion): XmlElement[] {
  return headers.filter((header) => {
    const read = (name: string) => attributeOf(header, version, name);
    const isMandatory = ["1", "true"].includes(read("mustUnderstand"));
    return isMandatory && OUR_ROLES.includes(read(version === SOAP_1_1 ? "actor" : "role"));
  });
}

function attributeOf(header: XmlElement, { namespace }: SoapVersion, name: string): string {
  const found = header.attributes.find((attribute) => attribute.namespace === namespace && attribute.name === name);
  return found?.value.trim() ?? "";
}

/** An envelope around what its Body holds, and its header blocks if there are any. */
export function writeEnvelope({ namespace }: SoapVersion, body: Xml, headers: Xml[] = []): string {
  const header = headers.length === 0 ? xml`` : element("soap:Header", headers);
  const content = xml`${header}${element("soap:Body", body)}`;
  return document(xml`<soap:Envelope xmlns:soap="${namespace}">${content}</soap:Envelope>`);
}
