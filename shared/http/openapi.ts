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

interface RouteDescription {
  summary: string;
  tags: [string];
  /** What it answers: a schema for JSON, a sentence for no body, both for anything else. */
  responds: Record<number, z.ZodType | string | DescribedAnswer>;
  /** The bodies it takes, the usual one first. JSON that is the only one `jsonBody` describes. */
  takes?: Content;
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

function describeAnswer(answer: z.ZodType | string | DescribedAnswer) {
  if (typeof answer === "string") return { description: answer };
  if ("says" in answer) return { description: answer.says, content: describeContent(answer.content) };
  return { description: "Done", content: describeContent({ "application/json": answer }) };
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
export function describe({ summary, tags, responds, takes, headers, queries }: RouteDescription) {
  const answers = Object.entries(responds).map(([status, answer]) => [status, describeAnswer(answer)] as const);
  const description: DescribeRouteOptions = {
    summary,
    tags,
    responses: {
      ...Object.fromEntries(answers),
      "4XX": { description: "Refused, with the reason (RFC 9457)", content: describeContent(PROBLEM) },
      "5XX": { description: "Not possible at the moment (RFC 9457)", content: describeContent(PROBLEM) },
    },
  };
  const parameters = [...describeParameters("header", headers), ...describeParameters("query", queries)];
  if (parameters.length > 0) description.parameters = parameters;
  if (takes !== undefined) description.requestBody = { required: true, content: describeContent(takes) };
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
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    defaultValidationErrorResponse: false,
    // Every route there is, so that none is left out of what is checked about all of them.
    includeEmptyPaths: true,
    excludeStaticFile: false,
    exclude,
  });
}
