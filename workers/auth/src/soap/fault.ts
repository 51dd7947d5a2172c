import { type FaultCode, SOAP_1_1, SOAP_VERSIONS, type SoapVersion } from "./versions.ts";
import type { XmlElement } from "./xml.ts";
import { element, type Xml, xml } from "./xml-writer.ts";

export interface Fault {
  code: FaultCode;
  reason: string;
  /** Header blocks that explain the code. */
  headers?: Xml[];
  detail?: Xml;
}

/** SOAP 1.2 part 1 §5.4.7: the answer to another version names those that would do. */
export function versionMismatch(version: SoapVersion): Fault {
  const fault: Fault = { code: "VersionMismatch", reason: "This door speaks SOAP 1.1 and SOAP 1.2." };
  if (version === SOAP_1_1) return fault;
  const supported = SOAP_VERSIONS.map(
    ({ namespace }) => xml`<soap:SupportedEnvelope xmlns:v="${namespace}" qname="v:Envelope"/>`,
  );
  return { ...fault, headers: [element("soap:Upgrade", supported)] };
}

/** SOAP 1.2 part 1 §5.4.8: the answer names the headers that we do not know. Those without a namespace have no name. */
export function notUnderstood(version: SoapVersion, headers: XmlElement[]): Fault {
  const fault: Fault = { code: "MustUnderstand", reason: "A header that must be understood is not known here." };
  if (version === SOAP_1_1) return fault;
  const blocks = headers.flatMap(({ namespace, name }) =>
    namespace ? [xml`<soap:NotUnderstood xmlns:h="${namespace}" qname="h:${name}"/>`] : [],
  );
  return { ...fault, headers: blocks };
}

export function writeFault(version: SoapVersion, { code, reason, detail }: Fault): Xml {
  const name = `soap:${version.faultCodes[code]}`;
  if (version === SOAP_1_1) {
    const details = detail === undefined ? xml`` : element("detail", detail);
    return xml`<soap:Fault><faultcode>${name}</faultcode><faultstring>${reason}</faultstring>${details}</soap:Fault>`;
  }
  const coded = element("soap:Code", element("soap:Value", name));
  const explained = element("soap:Reason", xml`<soap:Text xml:lang="en">${reason}</soap:Text>`);
  const details = detail === undefined ? xml`` : element("soap:Detail", detail);
  return xml`<soap:Fault>${coded}${explained}${details}</soap:Fault>`;
}
