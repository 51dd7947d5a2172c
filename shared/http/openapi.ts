import type { Env, Hono, Schema } from "hono";
import { describeRoute, generateSpecs, resolver } from "hono-openapi";
import type * as z from "zod";
import { ProblemDocument } from "./problem.ts";

interface RouteDescription {
  summary: string;
  tags: [string];
  /** Open routes say so; every other one needs an access token. */
  open?: boolean;
  /** What it answers: a schema for JSON, a sentence for anything else. */
  responds: Record<number, z.ZodType | string>;
}

function describeResponse(content: z.ZodType | string) {
  if (typeof content === "string") return { description: content };
  return { description: "Done", content: { "application/json": { schema: resolver(content) } } };
}

/** Describes a route for `/openapi.json`. Every route also answers problem documents. */
export function describe(route: RouteDescription) {
  const responses = Object.fromEntries(
    Object.entries(route.responds).map(([status, content]) => [status, describeResponse(content)]),
  );
  return describeRoute({
    summary: route.summary,
    tags: route.tags,
    ...(!route.open && { security: [{ accessToken: [] }] }),
    responses: {
      ...responses,
      default: {
        description: "A problem document (RFC 9457)",
        content: { "application/problem+json": { schema: resolver(ProblemDocument) } },
      },
    },
  });
}

/** Adds `GET /openapi.json` to a Worker's app: its own part, which the gateway merges with the others'. */
export function serveOpenApi<E extends Env, S extends Schema, Base extends string>(
  app: Hono<E, S, Base>,
  title: string,
) {
  return app.get("/openapi.json", describeRoute({ hide: true }), async (c) => {
    const documentation = {
      info: { title, version: "1", description: `The ${title.toLowerCase()} part of Halftone.` },
      components: { securitySchemes: { accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
    } as const;
    return c.json(await generateSpecs(app, { documentation, defaultValidationErrorResponse: false }));
  });
}
