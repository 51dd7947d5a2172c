/** The codes of SOAP 1.1 §4.4.1. SOAP 1.2 calls the last two Sender and Receiver. */
export type FaultCode = "VersionMismatch" | "MustUnderstand" | "Client" | "Server";

/** SOAP 1.1 (https://www.w3.org/TR/2000/NOTE-SOAP-20000508/) or 1.2 (https://www.w3.org/TR/soap12-part1/). */
export interface SoapVersion {
  namespace: string;
  contentType: string;
  /** Its binding's extension of WSDL 1.1. */
  wsdlNamespace: string;
  /** Who or what is to blame, in its own words. */
  faultCodes: Record<FaultCode, string>;
}

const SHARED_CODES = { VersionMismatch: "VersionMismatch", MustUnderstand: "MustUnderstand" };

export const SOAP_1_1: SoapVersion = {
  namespace: "http://schemas.xmlsoap.org/soap/envelope/",
  contentType: "text/xml",
  wsdlNamespace: "http://schemas.xmlsoap.org/wsdl/soap/",
  faultCodes: { ...SHARED_CODES, Client: "Client", Server: "Server" },
};

export const SOAP_1_2: SoapVersion = {
  namespace: "http://www.w3.org/2003/05/soap-envelope",
  contentType: "application/soap+xml",
  wsdlNamespace: "http://schemas.xmlsoap.org/wsdl/soap12/",
  faultCodes: { ...SHARED_CODES, Client: "Sender", Server: "Receiver" },
};

export const SOAP_VERSIONS: readonly SoapVersion[] = [SOAP_1_1, SOAP_1_2];
