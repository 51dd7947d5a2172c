import type { Hono } from "hono";
import * as z from "zod";
import { ServiceCards } from "../../../../shared/contracts/service-card.ts";
import { completeCard } from "../../../../shared/http/card.ts";
import { describe, describeApp, TEXT } from "../../../../shared/http/openapi.ts";
import { endpointsOf } from "../../../../shared/http/papers.ts";
import { serveDocsPage } from "../browsers/pages.ts";
import { card } from "../card.ts";
import { type Env, readSettings } from "../env.ts";
import { answerOpenApi } from "./openapi.ts";
import { answerServices } from "./services.ts";

const TAGS: [string] = ["system"];

/** Adds what the system says of itself: the API's document, the page that shows it, and the services' cards. */
export function serveSystemPapers(app: Hono<{ Bindings: Env }>): void {
  app.get(
    "/openapi.json",
    describe({
      summary: "This document",
      tags: TAGS,
      responds: { 200: z.record(z.string(), z.json()).meta({ ref: "OpenApiDocument" }) },
    }),
    async (c) => answerOpenApi(c, await describeApp(app, card)),
  );

  app.get(
    "/docs",
    describe({
      summary: "This document as a page on which requests can be tried",
      tags: TAGS,
      responds: { 200: { says: "The page", content: { "text/html": TEXT } } },
      sends: { 200: ["ETag"] },
    }),
    serveDocsPage,
  );

  app.get(
    "/services",
    describe({
      summary: "What each service is, and how it is",
      tags: TAGS,
      responds: { 200: { says: "Done", content: { "application/json": ServiceCards, "text/html": TEXT } } },
    }),
    async (c) => answerServices(c, completeCard(card, endpointsOf(await describeApp(app, card)), readSettings)),
  );
}
