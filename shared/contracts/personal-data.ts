import * as z from "zod";
import { PASSWORD_MAX_BYTES } from "./users.ts";

/** The services that keep something about people: each exports its part and erases it. */
export const DATA_SERVICES = ["auth", "images", "orders", "audit", "webhooks"] as const;
export const DataService = z.enum(DATA_SERVICES);
export type DataService = z.output<typeof DataService>;

/** `DELETE` of an account: whoever erases their own gives their password, an admin who erases another's gives nothing. */
export const EraseRequest = z
  .strictObject({ currentPassword: z.string().max(PASSWORD_MAX_BYTES).optional() })
  .meta({ ref: "EraseRequest", examples: [{ currentPassword: "password123" }] });

/** How far the erasure of an account is. It can be read by its id when the account is gone. */
export const ErasureView = z
  .object({
    id: z.string(),
    userId: z.string(),
    status: z.enum(["erasing", "done"]),
    services: z.record(DataService, z.enum(["waiting", "done"])),
    startedAt: z.iso.datetime(),
    doneAt: z.iso.datetime().nullable(),
  })
  .meta({ ref: "Erasure" });
export type ErasureView = z.output<typeof ErasureView>;

/** One service's part of an export: a file of JSON lines. */
const ExportPartView = z
  .object({
    service: DataService,
    status: z.enum(["waiting", "done"]),
    /** Lines so far. */
    records: z.number().int(),
    bytes: z.number().int(),
    url: z.string(),
  })
  .meta({ ref: "ExportPart" });

/** An export of everything about an account, and how far it is. */
export const ExportView = z
  .object({
    id: z.string(),
    userId: z.string(),
    status: z.enum(["running", "done", "failed"]),
    /** Why it failed. */
    reason: z.string().nullable(),
    parts: z.array(ExportPartView),
    /** A zip of all files as they were uploaded. Made while it is sent, so it is there at once. */
    photosUrl: z.string(),
    startedAt: z.iso.datetime(),
    doneAt: z.iso.datetime().nullable(),
    /** When it is deleted. */
    expiresAt: z.iso.datetime(),
  })
  .meta({ ref: "Export" });
export type ExportView = z.output<typeof ExportView>;
