import * as z from "zod";

/** One entry of the log in the source's spelling (S4.23). `index` is its place in the account's log. */
export const AuditEntry = z
  .object({
    id: z.string(),
    index: z.number().int(),
    user_id: z.string(),
    key_id: z.string().nullable().meta({ description: "the API key it was done with; null for a person's session" }),
    action: z.string(),
    type: z.string(),
    resource: z.string(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    metadata: z.record(z.string(), z.json()),
    timestamp: z.iso.datetime(),
    requestId: z.string().nullable(),
  })
  .meta({ ref: "AuditEntry" });
export type AuditEntry = z.output<typeof AuditEntry>;
