/** SOAP 1.1 (https://www.w3.org/TR/2000/NOTE-SOAP-20000508/) and 1.2 (https://www.w3.org/TR/soap12-part1/). */
export interface SoapVersion {
  namespace: string;
  contentType: string;
  /** Its transport's name in a WSDL 1.1 binding. */
  wsdlNamespace: string;
  /** Who is to blame, in its own words. */
  client: string;
  server: string;
}

export const SOAP_1_1: SoapVersion = {
  namespace: "http://schemas.xmlsoap.org/soap/envelope/",
  contentType: "text/xml",
  wsdlNamespace: "http://schemas.xmlsoap.org/wsdl/soap/",
  client: "Client",
  server: "Server",
};

export const SOAP_1_2: SoapVersion = {
  namespace: "http://www.w3.org/2003/05/soap-envelope",
  contentType: "application/soap+xml",
  wsdlNamespace: "http://schemas.xmlsoap.org/wsdl/soap12/",
  client: "Sender",
  server: "Receiver",
};

export const SOAP_VERSIONS: readonly SoapVersion[] = [SOAP_1_1, SOAP_1_2];
