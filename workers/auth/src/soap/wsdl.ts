import { GET_USER, REGISTER_USER, type SoapField, type SoapOperation, USERS_NAMESPACE } from "./operations.ts";
import { SOAP_1_1, SOAP_1_2, type SoapVersion } from "./versions.ts";
import { document, type Xml, xml } from "./xml-writer.ts";

const OPERATIONS = [REGISTER_USER, GET_USER];
const PORTS = [
  { version: SOAP_1_1, suffix: "Soap11" },
  { version: SOAP_1_2, suffix: "Soap12" },
];
const SOAP_OVER_HTTP = "http://schemas.xmlsoap.org/soap/http";

/**
 * Describes both operations, document/literal, each with a port for SOAP 1.1 and one for SOAP 1.2
 * (https://www.w3.org/TR/wsdl.html).
 * @param origin what the ports' addresses begin with
 */
export function writeWsdl(origin: string): string {
  return document(xml`<wsdl:definitions name="Users" targetNamespace="${USERS_NAMESPACE}"
  xmlns:tns="${USERS_NAMESPACE}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">
  <wsdl:types>
    <xsd:schema targetNamespace="${USERS_NAMESPACE}" elementFormDefault="qualified">${OPERATIONS.map(writeElements)}
    </xsd:schema>
  </wsdl:types>${OPERATIONS.map(writeMessages)}${OPERATIONS.map(writePortType)}${OPERATIONS.flatMap(writeBindings)}
  <wsdl:service name="UsersService">${OPERATIONS.flatMap((operation) => writePorts(operation, origin))}
  </wsdl:service>
</wsdl:definitions>`);
}

function writeElements({ name, request, response }: SoapOperation): Xml {
  return xml`${writeElement(`${name}Request`, request)}${writeElement(`${name}Response`, response)}`;
}

function writeElement(name: string, fields: SoapField[]): Xml {
  return xml`
      <xsd:element name="${name}"><xsd:complexType><xsd:sequence>${fields.map(writeField)}
      </xsd:sequence></xsd:complexType></xsd:element>`;
}

function writeField({ name, isOptional }: SoapField): Xml {
  return xml`
        <xsd:element name="${name}" type="xsd:string" minOccurs="${isOptional ? "0" : "1"}"/>`;
}

function writeMessages({ name }: SoapOperation): Xml {
  return xml`
  <wsdl:message name="${name}Input"><wsdl:part name="parameters" element="tns:${name}Request"/></wsdl:message>
  <wsdl:message name="${name}Output"><wsdl:part name="parameters" element="tns:${name}Response"/></wsdl:message>`;
}

function writePortType({ name }: SoapOperation): Xml {
  return xml`
  <wsdl:portType name="${name}Port">
    <wsdl:operation name="${name}">
      <wsdl:input message="tns:${name}Input"/><wsdl:output message="tns:${name}Output"/>
    </wsdl:operation>
  </wsdl:portType>`;
}

function writeBindings(operation: SoapOperation): Xml[] {
  return PORTS.map(({ version, suffix }) => writeBinding(operation, version, suffix));
}

function writeBinding({ name }: SoapOperation, { wsdlNamespace }: SoapVersion, suffix: string): Xml {
  return xml`
  <wsdl:binding name="${name}${suffix}" type="tns:${name}Port" xmlns:soap="${wsdlNamespace}">
    <soap:binding style="document" transport="${SOAP_OVER_HTTP}"/>
    <wsdl:operation name="${name}">
      <soap:operation soapAction="${USERS_NAMESPACE}:${name}"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>`;
}

function writePorts({ name, path }: SoapOperation, origin: string): Xml[] {
  return PORTS.map(
    ({ version, suffix }) => xml`
    <wsdl:port name="${name}${suffix}" binding="tns:${name}${suffix}">
      <soap:address xmlns:soap="${version.wsdlNamespace}" location="${origin}${path}"/>
    </wsdl:port>`,
  );
}
