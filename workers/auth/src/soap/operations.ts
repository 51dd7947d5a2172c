import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { XmlElement } from "./xml.ts";
import { element, type Xml, xml } from "./xml-writer.ts";

export const USERS_NAMESPACE = "urn:halftone:users:v1";

/** A field's place in its sequence, and whether it may be missing. All of them are texts. */
export interface SoapField {
  name: string;
  isOptional?: true;
}

/** One request and its answer, as the WSDL describes them and the doors read and write them. */
export interface SoapOperation {
  name: string;
  /** Where it is asked. */
  path: string;
  request: SoapField[];
  response: SoapField[];
}

export const REGISTER_USER: SoapOperation = {
  name: "RegisterUser",
  path: "/register",
  request: [
    { name: "email" },
    { name: "password" },
    { name: "name", isOptional: true },
    { name: "username", isOptional: true },
  ],
  response: [
    { name: "userId" },
    { name: "username" },
    { name: "email" },
    { name: "name", isOptional: true },
    { name: "created" },
    { name: "warning", isOptional: true },
  ],
};

export const GET_USER: SoapOperation = {
  name: "GetUser",
  path: "/user/soap",
  request: [{ name: "username" }],
  response: [{ name: "username" }, { name: "name", isOptional: true }],
};

/**
 * The fields of a request, for its schema. What is blank was not filled in. Fields in no namespace are taken too,
 * because envelopes made by hand often have them so.
 */
export function readFields(
  operation: SoapOperation,
  request: XmlElement,
): Result<Record<string, string>, "malformed_request"> {
  if (request.namespace !== USERS_NAMESPACE || request.name !== `${operation.name}Request`) {
    return fail("malformed_request", `This door takes a ${operation.name}Request in ${USERS_NAMESPACE}.`);
  }
  const fields = new Map<string, string>();
  for (const { namespace, name, children, text } of request.children) {
    const isOurs = namespace === USERS_NAMESPACE || namespace === "";
    if (!isOurs || children.length > 0) return fail("malformed_request", `The field ${name} is not a text of ours.`);
    if (fields.has(name)) return fail("malformed_request", `The field ${name} stands there twice.`);
    fields.set(name, text);
  }
  return ok(Object.fromEntries([...fields].filter(([, text]) => text !== "")));
}

/** The answer element with its fields in the order of the description; what is null or undefined is left out. */
export function writeResponse(operation: SoapOperation, values: Record<string, string | null | undefined>): Xml {
  const fields = operation.response.flatMap(({ name }) => {
    const value = values[name];
    return value === null || value === undefined ? [] : [element(`tns:${name}`, value)];
  });
  const response = `${operation.name}Response`;
  return xml`<tns:${response} xmlns:tns="${USERS_NAMESPACE}">${fields}</tns:${response}>`;
}
