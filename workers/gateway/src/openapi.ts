import * as z from "zod";
import { SECURITY_SCHEMES } from "../../../shared/http/openapi.ts";
import type { Env } from "./env.ts";
import { bindingOf } from "./forward.ts";
import { SERVICES, type ServiceName } from "./routes.ts";

/** The parts of a service's OpenAPI document that are merged. */
const ServiceDocument = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), z.unknown()).default({}) }).default({ schemas: {} }),
});

/**
 * Merges the services' documents into one (OpenAPI 3.1). Schemas of one name are one contract in `shared/contracts`,
 * so merging them by name loses nothing. A service that is away is left out; its routes are back with it.
 */
export async function mergedOpenApi(env: Env, origin: string) {
  const documents = await Promise.all(SERVICES.map((name) => documentOf(env, name)));
  const paths: z.output<typeof ServiceDocument>["paths"] = {};
  const schemas: Record<string, unknown> = {};
  for (const document of documents) {
    Object.assign(paths, document?.paths);
    Object.assign(schemas, document?.components.schemas);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Halftone", version: "1", description: "The image backend that can prove what it did." },
    servers: [{ url: origin }],
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES },
  };
}

async function documentOf(env: Env, name: ServiceName) {
  try {
    const answer = await bindingOf(env, name).fetch("https://internal/openapi.json");
    return ServiceDocument.parse(await answer.json());
  } catch {
    return null;
  }
}
