import type { Context } from "hono";
import * as z from "zod";
import { ANSWER_HEADERS, referToHeaders, SECURITY_SCHEMES } from "../../../../shared/http/openapi.ts";
import type { Env } from "../env.ts";
import { ROUTES, type Route, SERVICES } from "../routes.ts";
import { paperOf } from "./paper-of.ts";

const Answer = z.looseObject({ headers: z.record(z.string(), z.unknown()).optional() });
const Operation = z.looseObject({ responses: z.record(z.string(), Answer).optional() });
type Operation = z.output<typeof Operation>;

/** The parts of a service's OpenAPI document that are merged. */
const ServiceDocument = z.object({
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }).default({ schemas: {} }),
});

/** Services that callers reach: the others have no part in the API. */
const DESCRIBED = SERVICES.filter((name) => ROUTES.some(({ service }) => service === name));

const INFO = {
  title: "Halftone",
  version: "1",
  description: "The image backend that can prove what it did. Errors are problem documents (RFC 9457).",
  license: { name: "MIT", identifier: "MIT" },
};

/** What the parts of the API are about, in the order in which one meets them. */
const TAGS = [
  { name: "auth", description: "Registering, signing in, tokens. Older systems' paths are aliases of the same." },
  { name: "sessions", description: "Where you are signed in." },
  { name: "users", description: "Profiles, and the end of an account." },
  { name: "keys", description: "API keys, and accounts for programs." },
  { name: "images", description: "Photos, their sizes and how far these are." },
  { name: "files", description: "Everything that was uploaded." },
  { name: "delivery", description: "Bytes by signed URL: every `url` in an answer is one." },
  { name: "shares", description: "Links that can be taken back, and how often they were used." },
  { name: "orders", description: "Orders and their states." },
  { name: "audit", description: "The log: who did what." },
  { name: "events", description: "What happened, for programs that follow it." },
  { name: "webhooks", description: "The same, posted to your own server." },
  { name: "exports", description: "A copy of everything about your account." },
  { name: "soap", description: "The doors that speak SOAP." },
  { name: "admin", description: "Looking after the deployment." },
  { name: "system", description: "What the deployment says of itself." },
];

/**
 * Merges the gateway's document and the services' into one (OpenAPI 3.1). Schemas of one name are one contract in
 * `shared/contracts`, so merging them by name loses nothing. A service that is away is left out; its routes are back
 * with it.
 */
export async function answerOpenApi(c: Context<{ Bindings: Env }>, own: object): Promise<Response> {
  const others = await Promise.all(DESCRIBED.map((name) => paperOf(c.env, name, "/openapi.json", ServiceDocument)));
  const paths: z.output<typeof ServiceDocument>["paths"] = {};
  const schemas: Record<string, unknown> = {};
  for (const document of [...others, ServiceDocument.parse(own)]) {
    Object.assign(paths, document?.paths);
    Object.assign(schemas, document?.components.schemas);
  }
  return c.json({
    openapi: "3.1.0",
    info: INFO,
    servers: [{ url: new URL(c.req.url).origin }],
    tags: TAGS,
    // Open, unless a route says what it needs.
    security: [],
    paths: Object.fromEntries(Object.entries(paths).map(([path, operations]) => [path, limited(path, operations)])),
    components: { schemas, securitySchemes: SECURITY_SCHEMES, headers: ANSWER_HEADERS },
  });
}

/** Which row of the table a described path belongs to. */
const PATTERNS = ROUTES.map((route) => {
  const path = route.path.replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/]+");
  return { route, pattern: new RegExp(`^${path}(/.*)?$`) };
});

/** Adds what the services cannot know: the headers that this Worker sets on the answers of a row's operations. */
function limited(path: string, operations: Record<string, Operation>): Record<string, Operation> {
  const found = PATTERNS.find(({ pattern }) => pattern.test(path));
  if (found === undefined) return operations;
  const described = Object.entries(operations).map(([method, operation]) => {
    const answers = Object.entries(operation.responses ?? {}).map(([status, answer]) => [
      status,
      isCounted(found.route, status) ? { ...answer, headers: { ...answer.headers, ...LIMIT_HEADERS } } : answer,
    ]);
    return [method, { ...operation, responses: Object.fromEntries(answers) }];
  });
  return Object.fromEntries(described);
}

const LIMIT_HEADERS = referToHeaders(["RateLimit", "RateLimit-Policy"]);

/** Credentials that open nothing are counted where nothing else is, too. */
function isCounted({ limit }: Route, status: string): boolean {
  return limit !== "none" || status.startsWith("4");
}
