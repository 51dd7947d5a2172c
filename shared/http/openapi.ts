import type { Env, Hono, Schema } from "hono";
import { type DescribeRouteOptions, describeRoute, generateSpecs, resolver } from "hono-openapi";
import * as z from "zod";
import type { ServiceCard } from "../contracts/service-card.ts";
import { ProblemDocument } from "./problem.ts";

/** Bytes without a structure of their own. */
export const BYTES = z.file();
/** Text whose structure another document describes, such as a WSDL. */
export const TEXT = z.string();

/** What may stand in a body, by media type. */
type Content = Record<string, z.ZodType>;

/** An answer that is not JSON, or not JSON alone. */
interface DescribedAnswer {
  says: string;
  content: Content;
}

/** The headers of answers that the document tells of, each once, under its name. */
export const ANSWER_HEADERS = {
  Location: { required: true, ...textHeader("where what was made can be read, or the page that is to be shown") },
  ETag: { required: true, ...textHeader("names this state (RFC 9110 §8.8.3)") },
  Link: textHeader('the next page, `rel="next"` (RFC 8288); not on the last one'),
  "X-Next-Cursor": textHeader("`cursor` of the next page; not on the last one"),
  "Idempotent-Replayed": textHeader("`true` where the answer was given before under the same `Idempotency-Key`"),
  "Retry-After": textHeader("seconds until it is worth asking again"),
  "WWW-Authenticate": textHeader("what a credential lacks (RFC 6750 §3)"),
  "Accept-Encoding": textHeader("`identity` where a body came compressed: send it as it is (RFC 9110 §12.5.3)"),
  "RateLimit-Policy": textHeader(
    "how many requests may come in how many seconds (draft-ietf-httpapi-ratelimit-headers)",
  ),
  RateLimit: textHeader("how many of them are left, and the seconds until more may come"),
  "Upload-Offset": textHeader("bytes of an upload that are kept; it goes on from there (tus 1.0)"),
  "Upload-Length": textHeader("bytes that it will have, once that is known"),
  "Upload-Expires": textHeader("when it is thrown away, unless it is complete by then"),
  "X-File-Id": textHeader("the file that it became, once every byte has come"),
  "X-Image-Id": textHeader("the image, where the file is a photo"),
  "X-Job-Id": textHeader("the job that makes the photo's sizes"),
};
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

function textHeader(description: string) {
  return { description, schema: { type: "string" } as const };
}

/** What a described answer refers to its headers by. */
export function referToHeaders(names: readonly AnswerHeader[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

interface RouteDescription {
  summary: string;
  tags: [string];
  /** What it answers: a schema for JSON, a sentence for no body, both for anything else. */
  responds: Record<number, z.ZodType | string | DescribedAnswer>;
  /** The headers that matter to callers, by status. Those of refusals and limits are there without being named. */
  sends?: Record<number, readonly AnswerHeader[]>;
  /** The bodies it takes, the usual one first. JSON that is the only one `jsonBody` describes. */
  takes?: Content;
  /** Whether it may also be called without one of them. */
  mayLackBody?: true;
  /** Headers that it reads, and what each is for. */
  headers?: Record<string, string>;
  /** Queries that it reads itself, and what each is for; `query` describes the others. */
  queries?: Record<string, string>;
}

/** A form in both of its encodings. */
export function asForm(schema: z.ZodType): Content {
  return { "application/x-www-form-urlencoded": schema, "multipart/form-data": schema };
}

function describeContent(content: Content) {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema: resolver(schema) }]),
  );
}

function describeBody(answer: z.ZodType | string | DescribedAnswer) {
  if (typeof answer === "string") return { description: answer };
  if ("says" in answer) return { description: answer.says, content: describeContent(answer.content) };
  return { description: "Done", content: describeContent({ "application/json": answer }) };
}

/** @param status as it stands in the document: a number, `4XX` or `5XX` */
function headersOf(status: string, names: readonly AnswerHeader[] = []): readonly AnswerHeader[] {
  if (status.startsWith("5")) return [...names, "Retry-After"];
  return status.startsWith("4") ? [...names, "Retry-After", "WWW-Authenticate", "Accept-Encoding"] : names;
}

function describeParameters(place: "header" | "query", meanings: Record<string, string> = {}) {
  return Object.entries(meanings).map(([name, description]) => ({
    in: place,
    name,
    description,
    schema: { type: "string" } as const,
  }));
}

const PROBLEM = { "application/problem+json": ProblemDocument };

/** A problem document that a route has something to say about. */
export function refusal(says: string) {
  return { says, content: PROBLEM };
}

/**
 * Describes a route for `/openapi.json`. Every route may also answer problem documents. Who may call it, `requires`
 * adds: a route without it is open.
 */
export function describe({
  summary,
  tags,
  responds,
  sends = {},
  takes,
  mayLackBody,
  headers,
  queries,
}: RouteDescription) {
  const refusals = {
    "4XX": refusal("Refused, with the reason (RFC 9457)"),
    "5XX": refusal("Not possible at the moment (RFC 9457)"),
  };
  const answers = Object.entries({ ...responds, ...refusals }).map(([status, answer]) => {
    const names = headersOf(status, sends[Number(status)]);
    const sent = names.length === 0 ? {} : { headers: referToHeaders(names) };
    return [status, { ...describeBody(answer), ...sent }] as const;
  });
  const description: DescribeRouteOptions = { summary, tags, responses: Object.fromEntries(answers) };
  const parameters = [...describeParameters("header", headers), ...describeParameters("query", queries)];
  if (parameters.length > 0) description.parameters = parameters;
  if (takes !== undefined) description.requestBody = { required: !mayLackBody, content: describeContent(takes) };
  return describeRoute(description);
}

/** The credentials that the API takes. The names beside them in a route's `security` are its permissions. */
export const SECURITY_SCHEMES = {
  accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  sessionCookie: {
    type: "apiKey",
    in: "cookie",
    name: "__Host-halftone",
    description: "Locally over http the name is `halftone`. What changes something must come from our own page.",
  },
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
} as const;

/** Keeps a route out of the document. */
export const hidden = describeRoute({ hide: true });

/**
 * The OpenAPI document of one Worker: what its own routes say of themselves.
 * @param exclude paths that are not for callers from outside
 */
export function describeApp<E extends Env, S extends Schema, Base extends string>(
  app: Hono<E, S, Base>,
  { name, purpose }: Pick<ServiceCard, "name" | "purpose">,
  exclude: string[] = [],
) {
  return generateSpecs(app, {
    documentation: {
      info: { title: `Halftone ${name}`, version: "1", description: purpose },
      components: { securitySchemes: SECURITY_SCHEMES, headers: ANSWER_HEADERS },
    },
    defaultValidationErrorResponse: false,
    // Every route there is, so that none is left out of what is checked about all of them.
    includeEmptyPaths: true,
    excludeStaticFile: false,
    exclude,
  });
}
