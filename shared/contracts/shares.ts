import * as z from "zod";
import { duration } from "../settings.ts";
import { SIZES } from "./variants.ts";

const MINUTE_MS = 60_000;
const YEAR_MS = 366 * 24 * 60 * MINUTE_MS;
const USES_MAX = 1_000_000;

function isTerm(text: string): boolean {
  const ms = duration.safeParse(text);
  return ms.success && ms.data >= MINUTE_MS && ms.data <= YEAR_MS;
}

/** `POST /api/files/:id/shares`. What is left out: the original, until it is taken back, as often as anybody likes. */
export const NewShare = z
  .strictObject({
    size: z.enum(SIZES).default("original"),
    expiresIn: z.string().refine(isTerm, "write 1m to 366d, such as 7d").optional(),
    maxUses: z.number().int().min(1).max(USES_MAX).optional().describe("how often its bytes may be read"),
  })
  .meta({ ref: "NewShare", examples: [{ size: "large", expiresIn: "7d" }] });
export type NewShare = z.output<typeof NewShare>;

/** A share as the file's owner sees it. Its address is shown once, when it is made. */
export const ShareView = z
  .object({
    id: z.string(),
    fileId: z.string(),
    size: z.enum(SIZES),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    maxUses: z.number().int().nullable(),
    uses: z.number().int().describe("how often its bytes were read"),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ ref: "Share" });
export type ShareView = z.output<typeof ShareView>;

export const CreatedShare = ShareView.extend({ url: z.url() }).meta({ ref: "CreatedShare" });
export type CreatedShare = z.output<typeof CreatedShare>;
