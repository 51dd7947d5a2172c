import * as z from "zod";
import { EVENT_KINDS, type EventType } from "./events.ts";
import { FeedEvent } from "./events-feed.ts";
import { VISIBILITIES } from "./images.ts";
import { SIZES } from "./variants.ts";
import { DISABLED_REASONS } from "./webhooks.ts";

/** Shapes only grow: the published schema lets fields be that it does not name, and a receiver must not break by one. */
const File = z.object({ filename: z.string(), size: z.number().int().describe("bytes"), mimeType: z.string() });

const Change = z.object({
  fields: z.array(z.string()).describe("which fields have changed"),
  filename: z.string(),
  visibility: z.enum(VISIBILITIES),
});
const SharedFile = { file: z.string().describe("its id"), filename: z.string(), size: z.enum(SIZES) };

/** The kinds of events that may be seen outside: those that webhooks is told of. */
export type PublicEventType = {
  [Type in EventType]: "webhooks" extends (typeof EVENT_KINDS)[Type]["subscribers"][number] ? Type : never;
}[EventType];

/** What the metadata of each of them holds. */
const METADATA = {
  "user.registered": z.object({
    username: z.string(),
    kind: z.string().optional().describe("`service` for a service account"),
    source: z.string().optional().describe("`import` or `setup` where nobody registered by themselves"),
  }),
  "user.updated": z.object({ fields: z.array(z.string()).describe("which fields have changed") }),
  "user.erased": z.object({}),
  "file.uploaded": File,
  "file.updated": Change,
  "file.lost": File,
  "file.deleted": File,
  "image.uploaded": File,
  "image.completed": z.object({ filename: z.string(), jobId: z.string(), attempts: z.number().int() }),
  "image.failed": z.object({ filename: z.string(), code: z.string(), reason: z.string() }),
  "image.updated": Change,
  "image.deleted": File,
  "share.created": z.object({
    ...SharedFile,
    expiresAt: z.iso.datetime().nullable(),
    maxUses: z.number().int().nullable(),
  }),
  "share.first_used": z.object(SharedFile),
  "share.revoked": z.object({ file: SharedFile.file, uses: z.number().int() }),
  "order.created": z.object({
    product: z.string().describe("of the first item, as quantity and priceCents are"),
    quantity: z.number().int(),
    priceCents: z.number().int().describe("in the currency's minor unit"),
    items: z.number().int().optional().describe("how many"),
    totalCents: z.number().int().optional().describe("of all items"),
    currency: z.string().optional().describe("ISO 4217"),
  }),
  "order.updated": z.object({ fields: z.array(z.string()).describe("which fields have changed") }),
  "order.status_changed": z.object({ from: z.string(), to: z.string() }),
  "order.cancelled": z.object({ from: z.string(), to: z.string() }),
  "webhook.disabled": z.object({ reason: z.enum(DISABLED_REASONS), host: z.string() }),
} as const satisfies Record<PublicEventType, z.ZodObject>;

function isPublic(type: string): type is PublicEventType {
  return Object.hasOwn(METADATA, type);
}

export const PUBLIC_EVENT_TYPES = Object.keys(EVENT_KINDS).filter(isPublic);

/** What `POST /api/webhooks/:id/test` delivers: the shape of an event that stands in no log. */
export const WEBHOOK_TEST = "webhook.test";

function eventSchema(type: PublicEventType) {
  return FeedEvent.extend({ type: z.literal(type), metadata: METADATA[type] });
}

const TestEvent = FeedEvent.extend({
  type: z.literal(WEBHOOK_TEST),
  index: z.null().describe("it stands in no log"),
  metadata: z.object({}),
});

/** The JSON Schema (2020-12) of everything that a webhook may bring: one definition for each kind. */
export function eventsJsonSchema() {
  const schemas = [
    ...PUBLIC_EVENT_TYPES.map((type) => [type, eventSchema(type)] as const),
    [WEBHOOK_TEST, TestEvent] as const,
  ];
  const definitions = schemas.map(([type, schema]) => {
    const { $schema: _draft, ref: _name, ...definition } = z.toJSONSchema(schema, { io: "input" });
    return [type, definition] as const;
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Halftone events",
    description: "What GET /api/events lists and webhooks deliver. The field `type` says which definition holds.",
    oneOf: definitions.map(([type]) => ({ $ref: `#/$defs/${type}` })),
    $defs: Object.fromEntries(definitions),
  };
}
