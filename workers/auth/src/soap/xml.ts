import { XMLParser, XMLValidator } from "fast-xml-parser";
import { fail, ok, type Result } from "../../../../shared/result.ts";

/** An element with its namespace, whichever prefixes the sender chose. */
export interface XmlElement {
  /** Empty for none, null where its prefix was never declared. */
  namespace: string | null;
  name: string;
  attributes: XmlAttribute[];
  children: XmlElement[];
  /** Text and CDATA directly inside, to the letter: a password may begin with a blank. */
  text: string;
}

export interface XmlAttribute {
  namespace: string | null;
  name: string;
  value: string;
}

/** Deeper than any envelope, and shallow enough to walk. */
const DEPTH_MAX = 20;

const ATTRIBUTES = ":@";
const TEXT = "#text";
const CDATA = "#cdata";

/**
 * Keeps order, so that an element written twice is seen twice. Values stay text ("007" is no number), and numeric
 * references are decoded, which needs `htmlEntities`.
 */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
  cdataPropName: CDATA,
  // Counts what an element stands in.
  maxNestedTags: DEPTH_MAX - 1,
});

/** What that parser makes of one piece: `{ name: children }` with the attributes beside it, or `{ "#text": text }`. */
interface ParsedNode {
  [name: string]: ParsedNode[] | Record<string, string> | string;
}

/** SOAP forbids document types (SOAP 1.1 §3, SOAP 1.2 part 1 §5); without them no entity can be defined. */
const DOCUMENT_TYPE = /<!(DOCTYPE|ENTITY)/i;
/** UTF-16 that calls itself UTF-8 shows by its zero bytes. XML 1.0 §2.2 allows no control characters but these three. */
const CONTROL_CHARACTER = /[^\P{Cc}\t\n\r]/u;
/** The encodings that a text which has been decoded as UTF-8 may declare. */
const ENCODING = /^(utf-8|us-ascii)$/i;

/** Reads an XML document of a stranger. Whatever is wrong with it is a failure, never an exception. */
export function readXml(text: string): Result<XmlElement, "malformed_request"> {
  if (DOCUMENT_TYPE.test(text)) return malformed("A document type is not allowed.");
  if (CONTROL_CHARACTER.test(text)) return malformed("It holds characters that XML does not allow. Send UTF-8.");
  const nodes = parse(text);
  if (nodes === null) return malformed("It is not well-formed, or nested too deep.");

  const [first] = nodes;
  const declaration = first?.["?xml"] === undefined ? undefined : attributesOf(first);
  if (!ENCODING.test(declaration?.encoding ?? "utf-8")) return malformed("Send UTF-8.");
  const [root, ...others] = nodes.filter(isElement);
  if (root === undefined || others.length > 0) return malformed("A document has one element at its root.");
  return ok(readElement(root, OUTERMOST));
}

function malformed(detail: string) {
  return fail("malformed_request", `The XML cannot be read. ${detail}`);
}

/** The parser takes much that is no XML, so the validator goes first. Both throw at names such as `__proto__`. */
function parse(text: string): ParsedNode[] | null {
  try {
    return XMLValidator.validate(text) === true ? parser.parse(text) : null;
  } catch {
    return null;
  }
}

/** Processing instructions are none: SOAP forbids them, and nobody here follows one. */
function isElement(node: ParsedNode): boolean {
  const name = nameOf(node);
  return name !== undefined && name !== TEXT && name !== CDATA && !name.startsWith("?");
}

function nameOf(node: ParsedNode): string | undefined {
  return Object.keys(node).find((key) => key !== ATTRIBUTES);
}

function attributesOf(node: ParsedNode): Record<string, string> {
  const attributes = node[ATTRIBUTES];
  return typeof attributes === "object" && !Array.isArray(attributes) ? attributes : {};
}

/** What a prefix stands for at some place of the document; the empty one, what names without a prefix belong to. */
type Scope = (prefix: string) => string | undefined;

const OUTERMOST: Scope = (prefix) => (prefix === "" ? "" : undefined);

function readElement(node: ParsedNode, outer: Scope): XmlElement {
  const attributes = Object.entries(attributesOf(node));
  const scope = innerScope(outer, attributes);
  const name = nameOf(node) ?? "";
  const content = contentOf(node, name);
  return {
    ...resolve(name, scope, scope("") ?? ""),
    attributes: attributes
      .filter(([key]) => !declaresNamespace(key))
      .map(([key, value]) => ({ ...resolve(key, scope, ""), value })),
    children: content.filter(isElement).map((child) => readElement(child, scope)),
    text: content.map(textOf).join(""),
  };
}

function contentOf(node: ParsedNode, name: string): ParsedNode[] {
  const content = node[name];
  return Array.isArray(content) ? content : [];
}

function textOf(node: ParsedNode): string {
  const text = node[TEXT];
  if (typeof text === "string") return text;
  return contentOf(node, CDATA).map(textOf).join("");
}

function declaresNamespace(attribute: string): boolean {
  return attribute === "xmlns" || attribute.startsWith("xmlns:");
}

/**
 * Namespaces in XML 1.0 §6.1: a declaration holds for its element and all inside. What is around is asked, not copied,
 * or many small elements within one of many declarations would be slow to read.
 */
function innerScope(outer: Scope, attributes: [string, string][]): Scope {
  const declared = new Map(
    attributes.filter(([key]) => declaresNamespace(key)).map(([key, uri]) => [key.slice("xmlns:".length), uri]),
  );
  return declared.size === 0 ? outer : (prefix) => declared.get(prefix) ?? outer(prefix);
}

/** @param unprefixed what names without a prefix belong to */
function resolve(name: string, scope: Scope, unprefixed: string): Pick<XmlElement, "namespace" | "name"> {
  const colon = name.indexOf(":");
  if (colon === -1) return { namespace: unprefixed, name };
  return { namespace: scope(name.slice(0, colon)) ?? null, name: name.slice(colon + 1) };
}
