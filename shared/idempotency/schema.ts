import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What clients have sent as `Idempotency-Key`, in the database of the service whose rows the answers tell of. */
export const idempotencyKeys = sqliteTable(
  "idempotency_key",
  {
    userId: text("user_id").notNull(),
    /** Which use case: one key may be used for each. */
    route: text("route").notNull(),
    key: text("key").notNull(),
    /** Of what was sent, so that another body under the key is noticed. Null while that is not known. */
    fingerprint: text("fingerprint"),
    /** The request that holds the key or held it last. */
    claim: text("claim").notNull(),
    /** Unix milliseconds until which a request without an answer keeps others out. */
    leaseUntil: integer("lease_until").notNull(),
    /** Unix milliseconds from which on the key is as good as new. */
    expiresAt: integer("expires_at").notNull(),
    /** The answer; null while there is none. */
    status: integer("status"),
    headers: text("headers", { mode: "json" }).$type<Record<string, string>>(),
    body: text("body"),
  },
  (table) => [primaryKey({ columns: [table.userId, table.route, table.key] })],
);

export type StoredKey = typeof idempotencyKeys.$inferSelect;

/** A key that a request holds. */
export type HeldKey = Pick<StoredKey, "userId" | "route" | "key" | "fingerprint" | "claim">;

/** An answer that is to be written with the rows that it tells of. */
export interface KeptAnswer {
  held: HeldKey;
  fingerprint: string;
  status: number;
  headers: Record<string, string>;
  /** As it is stored, which may be sealed. */
  body: string;
}
