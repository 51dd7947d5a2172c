import type { Context } from "hono";
import * as z from "zod";
import { SECURITY_SCHEMES } from "../../../shared/http/openapi.ts";
import type { Env } from "./env.ts";
import { paperOf } from "./paper-of.ts";
import { ROUTES, SERVICES } from "./routes.ts";

/** The parts of a service's OpenAPI document that are merged. */
const ServiceDocument = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
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
  { name: "orders", description: "Orders and their states." },
  { name: "audit", description: "The log: who did what." },
  { name: "events", description: "What happened, for programs that follow it." },
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
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  });
}
