import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

interface DescribedAnswer {
  content?: Record<string, unknown>;
  headers?: Record<string, unknown>;
}

/** An OpenAPI document, as far as answers are held against it. */
export interface ApiDocument {
  info: { title: string };
  paths: Record<string, Record<string, { responses: Record<string, DescribedAnswer> }>>;
  components: { headers?: Record<string, { required?: boolean }> };
}

/** An answer and what was asked. */
export interface RecordedAnswer {
  method: string;
  path: string;
  status: number;
  headers: Headers;
  /** JSON that came, and as what: the media type without its parameters. Null for anything else. */
  json: { mediaType: string; body: unknown } | null;
}

/** What of an answer is not as documented, null where all is. */
export type Contract = (answer: RecordedAnswer) => string | null;

const asToken = (text: string) => encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));

/** Makes a document into the contract that it is: OpenAPI 3.1 schemas are JSON Schema 2020-12. */
export function readContract(document: ApiDocument): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const closed = structuredClone(document);
  closeObjects(closed);
  ajv.addSchema(closed, "openapi");

  const complaintAbout = (place: string[], body: unknown) => {
    const fits = ajv.getSchema(`openapi#/${place.map(asToken).join("/")}`);
    if (fits === undefined) return `the document has no ${place.join(" ")}`;
    return fits(body) ? null : ajv.errorsText(fits.errors);
  };

  return ({ method, path, status, headers, json }) => {
    const template = templateOf(document, path) ?? "";
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (operation === undefined) {
      if (json === null) return null;
      // The refusal of what is not there is a problem document too.
      return status < 400
        ? "this operation is not documented"
        : complaintAbout(["components", "schemas", "Problem"], json.body);
    }
    const { responses } = operation;
    const name = [String(status), `${Math.floor(status / 100)}XX`].find((candidate) => candidate in responses) ?? "";
    const answer = responses[name];
    if (answer === undefined) return `${status} is not documented`;
    const complaint = complaintAboutHeaders(document, answer, headers);
    if (complaint !== null || json === null) return complaint;
    const { mediaType, body } = json;
    if (answer.content?.[mediaType] === undefined) return `${mediaType} is not documented for this status`;
    return complaintAbout(
      ["paths", template, method.toLowerCase(), "responses", name, "content", mediaType, "schema"],
      body,
    );
  };
}

/** Of the headers that the document tells of anywhere, an answer has those that its own description names. */
function complaintAboutHeaders({ components }: ApiDocument, answer: DescribedAnswer, sent: Headers): string | null {
  for (const [name, { required = false }] of Object.entries(components.headers ?? {})) {
    const isDescribed = Object.hasOwn(answer.headers ?? {}, name);
    if (sent.has(name) && !isDescribed) return `the header ${name} is not documented for this status`;
    if (required && isDescribed && !sent.has(name)) return `the header ${name} is missing`;
  }
  return null;
}

/** A field that an answer has and its schema has not is undocumented: objects are closed unless the document opens them. */
function closeObjects(part: unknown): void {
  if (typeof part !== "object" || part === null) return;
  if ("properties" in part && !("additionalProperties" in part)) Object.assign(part, { additionalProperties: false });
  for (const inner of Object.values(part)) closeObjects(inner);
}

/** The template of a path; of several that fit, the one with the fewest parameters. */
function templateOf({ paths }: ApiDocument, path: string): string | undefined {
  const parameters = (template: string) => template.split("{").length;
  return Object.keys(paths)
    .filter((template) => templatePattern(template).test(path))
    .sort((one, other) => parameters(one) - parameters(other))[0];
}

/** What the concrete paths of a template look like. */
export function templatePattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}
