import * as z from "zod";
import { EVENT_SOURCES } from "./rpc.ts";

/** `GET /api/admin/events`: what the log refused for good. */
export const SetAsideView = z
  .object({
    events: z.array(
      z.object({
        service: z.enum(EVENT_SOURCES).describe("in whose outbox it lies"),
        id: z.string(),
        type: z.string(),
        account: z.string(),
        resource: z.string(),
        occurredAt: z.iso.datetime(),
        reason: z.string(),
        tries: z.number().int(),
      }),
    ),
    away: z.array(z.enum(EVENT_SOURCES)).describe("services that did not say"),
  })
  .meta({ ref: "SetAsideEvents" });
export type SetAsideView = z.output<typeof SetAsideView>;

/** `POST /api/admin/events/redrive`: all, those of one service, or one. */
export const RedriveEvents = z
  .strictObject({ service: z.enum(EVENT_SOURCES).optional(), eventId: z.string().max(64).optional() })
  .meta({ ref: "RedriveEvents", examples: [{ service: "orders" }] });
export type RedriveEvents = z.output<typeof RedriveEvents>;

export const RedrivenEvents = z
  .object({
    redriven: z.number().int(),
    away: z.array(z.enum(EVENT_SOURCES)).describe("services that were not reached: call again"),
  })
  .meta({ ref: "RedrivenEvents" });
export type RedrivenEvents = z.output<typeof RedrivenEvents>;
