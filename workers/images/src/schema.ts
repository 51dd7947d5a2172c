import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { type ImageStatus, type JobKind, type MetadataKind, VISIBILITIES } from "../../../shared/contracts/images.ts";
import { FORMATS, SIZES, VARIANT_NAMES, type VariantFormat } from "../../../shared/contracts/variants.ts";

export { outbox } from "../../../shared/outbox/schema.ts";

const STATUSES = ["pending", "processing", "complete", "failed"] as const satisfies readonly ImageStatus[];
const JOB_KINDS = ["eager", "on_demand"] as const satisfies readonly JobKind[];

/** Everything that was uploaded. A photo also has a row in `image`, under the same id. */
export const files = sqliteTable("file", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull(),
  name: text("name").notNull(),
  bytes: integer("bytes").notNull(),
  /** By content, never as the client said. */
  mimeType: text("mime_type").notNull(),
  key: text("key").notNull(),
  etag: text("etag").notNull(),
  /** Of the bytes, in lower-case hexadecimal digits. Null for files that were stored before it was taken. */
  sha256: text("sha256"),
  /** What must be cut from it for others, in its text form. Null for what came before files were looked at. */
  cuts: text("cuts"),
  /** What it tells beside its picture; null as `cuts`. */
  metadataFound: text("metadata_found", { mode: "json" }).$type<MetadataKind[]>(),
  /** Who may read its bytes without a link: its owner, or everybody. */
  visibility: text("visibility", { enum: VISIBILITIES }).notNull(),
  /** The sequence of the last event about this file or its image. */
  version: integer("version").notNull(),
  createdAt: text("created_at").notNull(),
  /** When it was found that its bytes are gone. */
  lostAt: text("lost_at"),
});
export type StoredFile = typeof files.$inferSelect;

export const images = sqliteTable("image", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull(),
  originalName: text("original_name").notNull(),
  /** Of the original, as in its file: lists are sorted by it. */
  bytes: integer("bytes").notNull(),
  status: text("status", { enum: STATUSES }).notNull(),
  /** Raised when an image is to be made again, so that older attempts find their guard closed. */
  generation: integer("generation").notNull(),
  /** Pixels, as displayed: after the orientation was applied. */
  width: integer("width").notNull(),
  height: integer("height").notNull(),
  uploadedAt: text("uploaded_at").notNull(),
  processedAt: text("processed_at"),
  errorCode: text("error_code"),
  errorDetail: text("error_detail"),
  /** Base64. */
  thumbHash: text("thumb_hash"),
  /** `#rrggbb`. */
  dominantColour: text("dominant_colour"),
});
export type Image = typeof images.$inferSelect;

const storedSize = {
  name: text("name", { enum: VARIANT_NAMES }).notNull(),
  format: text("format", { enum: FORMATS }).notNull(),
  key: text("key").notNull(),
  width: integer("width").notNull(),
  height: integer("height").notNull(),
  bytes: integer("bytes").notNull(),
  etag: text("etag").notNull(),
};

export const variants = sqliteTable("variant", { imageId: text("image_id").notNull(), ...storedSize }, (table) => [
  primaryKey({ columns: [table.imageId, table.name, table.format] }),
]);
export type Variant = typeof variants.$inferSelect;
/** A size whose image is known. */
export type MadeSize = Omit<Variant, "imageId">;

export const jobs = sqliteTable("job", {
  id: text("id").primaryKey(),
  imageId: text("image_id").notNull(),
  generation: integer("generation").notNull(),
  kind: text("kind", { enum: JOB_KINDS }).notNull(),
  /** What it makes each size as. */
  formats: text("formats", { mode: "json" }).$type<VariantFormat[]>().notNull(),
  status: text("status", { enum: STATUSES }).notNull(),
  /** How often it was claimed. */
  attempts: integer("attempts").notNull().default(0),
  /** The attempt that holds or last held the lease; null between attempts. */
  attemptId: text("attempt_id"),
  /** Unix milliseconds until which no other attempt may claim it. */
  leaseUntil: integer("lease_until").notNull().default(0),
  /** Unix milliseconds before which it is not tried again. */
  notBefore: integer("not_before").notNull().default(0),
  errorCode: text("error_code"),
  errorDetail: text("error_detail"),
  createdAt: text("created_at").notNull(),
  finishedAt: text("finished_at"),
  /** The request that it was made for, and that request's trace. */
  requestId: text("request_id"),
  traceparent: text("traceparent"),
});
export type Job = typeof jobs.$inferSelect;

/** What an attempt has stored so far; becomes the image's variants when the attempt completes. */
export const attemptVariants = sqliteTable(
  "attempt_variant",
  { jobId: text("job_id").notNull(), attemptId: text("attempt_id").notNull(), ...storedSize },
  (table) => [primaryKey({ columns: [table.jobId, table.attemptId, table.name, table.format] })],
);
export type AttemptVariant = typeof attemptVariants.$inferSelect;

/** A link to a file, or to one size of a photo, that can be taken back. */
export const shares = sqliteTable("share", {
  id: text("id").primaryKey(),
  fileId: text("file_id").notNull(),
  size: text("size", { enum: SIZES }).notNull(),
  /** SHA-256 of its token, in lower-case hexadecimal digits. */
  tokenHash: text("token_hash").notNull(),
  createdAt: text("created_at").notNull(),
  expiresAt: text("expires_at"),
  maxUses: integer("max_uses"),
  uses: integer("uses").notNull(),
  lastUsedAt: text("last_used_at"),
});
export type Share = typeof shares.$inferSelect;

/** Objects that no row names any more, until they are really deleted. */
export const trash = sqliteTable("trash", { key: text("key").primaryKey() });

/** What happened to photos, until their owners' feeds have it. */
export const liveUpdates = sqliteTable("live_update", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull(),
  /** An `ImageUpdate` as JSON. */
  data: text("data").notNull(),
});
export type LiveUpdate = typeof liveUpdates.$inferSelect;

/** Resumable uploads that are under way: one Durable Object each. */
export const openUploads = sqliteTable("open_upload", {
  id: text("id").primaryKey(),
  userId: text("user_id").notNull(),
  /** Unix milliseconds. */
  expiresAt: integer("expires_at").notNull(),
});

/** Objects whose bytes are on their way, until a row names them. */
export const begunObjects = sqliteTable("begun_object", {
  key: text("key").primaryKey(),
  /** What R2 calls the upload where it goes in parts. */
  partsId: text("parts_id"),
  /** Unix milliseconds. */
  begunAt: integer("begun_at").notNull(),
});
export type BegunObject = typeof begunObjects.$inferSelect;

/** What an upload became. Image and job are null for a file that is no photo. */
export interface Ingested {
  file: StoredFile;
  image: Image | null;
  job: Job | null;
}
