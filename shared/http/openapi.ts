import type { Env, Hono, Schema } from "hono";
import { describeRoute, generateSpecs, resolver } from "hono-openapi";
import type * as z from "zod";
import { ProblemDocument } from "./problem.ts";

interface RouteDescription {
  summary: string;
  tags: [string];
  /** Bodies besides JSON, which its validator describes: a schema for each content type, or a sentence for what is text. */
  takes?: Record<string, z.ZodType | string>;
  /** What it answers: a schema for JSON, a sentence for anything else. */
  responds: Record<number, z.ZodType | string>;
}

function describeBody(content: z.ZodType | string) {
  return {
    schema: typeof content === "string" ? ({ type: "string", description: content } as const) : resolver(content),
  };
}

function describeResponse(content: z.ZodType | string) {
  if (typeof content === "string") return { description: content };
  return { description: "Done", content: { "application/json": { schema: resolver(content) } } };
}

/**
 * Describes a route for `/openapi.json`. Every route also answers problem documents. Who may call it, `requires` adds:
 * a route without it is open.
 */
export function describe(route: RouteDescription) {
  const responses = Object.fromEntries(
    Object.entries(route.responds).map(([status, content]) => [status, describeResponse(content)]),
  );
  const bodies = Object.entries(route.takes ?? {}).map(([type, content]) => [type, describeBody(content)]);
  return describeRoute({
    summary: route.summary,
    tags: route.tags,
    ...(bodies.length > 0 && { requestBody: { required: true, content: Object.fromEntries(bodies) } }),
    responses: {
      ...responses,
      default: {
        description: "A problem document (RFC 9457)",
        content: { "application/problem+json": { schema: resolver(ProblemDocument) } },
      },
    },
  });
}

/** The credentials that the API takes. The names beside them in a route's `security` are its permissions. */
export const SECURITY_SCHEMES = {
  accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
  apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
} as const;

/** Adds `GET /openapi.json` to a Worker's app: its own part, which the gateway merges with the others'. */
export function serveOpenApi<E extends Env, S extends Schema, Base extends string>(
  app: Hono<E, S, Base>,
  title: string,
) {
  return app.get("/openapi.json", describeRoute({ hide: true }), async (c) => {
    const documentation = {
      info: { title, version: "1", description: `The ${title.toLowerCase()} part of Halftone.` },
      components: { securitySchemes: SECURITY_SCHEMES },
    } as const;
    const document = await generateSpecs(app, {
      documentation,
      defaultValidationErrorResponse: false,
      // Every route there is, so that none is left out of what is checked about all of them.
      includeEmptyPaths: true,
      excludeStaticFile: false,
      // The gateway answers for the health of all.
      exclude: ["/health"],
    });
    return c.json(document);
  });
}
