import { and, asc, eq, gt, isNull, lte, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import { VARIANT_NAMES } from "../../../../shared/contracts/variants.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import { noteStatus } from "../feed/live-updates.repo.ts";
import type { FailureNote } from "../jobs/jobs.repo.ts";
import {
  attemptVariants,
  files,
  type Image,
  images,
  type Job,
  jobs,
  outbox,
  type StoredFile,
  trash,
  variants,
} from "../schema.ts";

/** What a row says lies in the bucket. Of a size the photo is known, of an original the file: they share an id. */
export interface NamedObject {
  key: string;
  fileId: string;
  isOriginal: boolean;
}

/** An image that does not fit its jobs or sizes. */
export type OddImage = Pick<Image, "id" | "status">;

/** An object that no row of the page named, and the file whose folder it lies in. */
export interface Stray {
  key: string;
  fileId: string;
}

/** What is compared with the bucket, and how what does not fit is put right: each in one transaction, under a guard. */
export class ConsistencyRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /**
   * Originals and sizes that rows name, by key. Files that are known to be lost are left out.
   * @param to the last key; null for no end
   * @param limit how many of each kind
   */
  async named(
    after: string,
    to: string | null,
    limit: number,
  ): Promise<{ originals: NamedObject[]; sizes: NamedObject[] }> {
    const upTo = (column: typeof files.key | typeof variants.key) => (to === null ? undefined : lte(column, to));
    const [originals, sizes] = await this.#db.batch([
      this.#db
        .select({ key: files.key, fileId: files.id })
        .from(files)
        .where(and(gt(files.key, after), upTo(files.key), isNull(files.lostAt)))
        .orderBy(asc(files.key))
        .limit(limit),
      this.#db
        .select({ key: variants.key, fileId: variants.imageId })
        .from(variants)
        .where(and(gt(variants.key, after), upTo(variants.key)))
        .orderBy(asc(variants.key))
        .limit(limit),
    ]);
    return {
      originals: originals.map((row) => ({ ...row, isOriginal: true })),
      sizes: sizes.map((row) => ({ ...row, isOriginal: false })),
    };
  }

  /**
   * Gives to the trash those that no row names, and that nobody is about to name: an upload and a copy stand among the
   * begun objects from before their first byte, a resumable upload among the open ones, and an attempt that may write
   * holds its job. @returns their keys
   */
  async discardStrays(strays: Stray[]): Promise<string[]> {
    if (strays.length === 0) return [];
    const listed = JSON.stringify(strays);
    const discarded = await this.#db
      .insert(trash)
      .select(sql`
        SELECT stray.key FROM (
          SELECT json_extract(value, '$.key') AS key, json_extract(value, '$.fileId') AS file_id FROM json_each(${listed})
        ) AS stray
        WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.key = stray.key)
          AND NOT EXISTS (SELECT 1 FROM variant WHERE variant.key = stray.key)
          AND NOT EXISTS (SELECT 1 FROM begun_object WHERE begun_object.key = stray.key)
          AND NOT EXISTS (SELECT 1 FROM open_upload WHERE open_upload.id = stray.file_id)
          AND NOT EXISTS (
            SELECT 1 FROM job WHERE image_id = stray.file_id AND status = 'processing' AND instr(stray.key, attempt_id))`)
      .onConflictDoNothing()
      .returning();
    return discarded.map((row) => row.key);
  }

  /** What attempts have stored that are not at work any more goes to the trash. @returns the keys */
  async discardDeadAttempts(): Promise<string[]> {
    const isDead = sql`NOT EXISTS (
      SELECT 1 FROM job
      WHERE job.id = attempt_variant.job_id AND job.attempt_id = attempt_variant.attempt_id AND status = 'processing')`;
    const [, dropped] = await this.#db.batch([
      this.#db
        .insert(trash)
        .select(this.#db.select({ key: attemptVariants.key }).from(attemptVariants).where(isDead))
        .onConflictDoNothing(),
      this.#db.delete(attemptVariants).where(isDead).returning({ key: attemptVariants.key }),
    ]);
    return dropped.map((row) => row.key);
  }

  /** The last id of a page of images behind an id; null where fewer follow. */
  async pageEnd(after: string, size: number): Promise<string | null> {
    const [last] = await this.#db
      .select({ id: images.id })
      .from(images)
      .where(gt(images.id, after))
      .orderBy(asc(images.id))
      .limit(1)
      .offset(size - 1);
    return last?.id ?? null;
  }

  /** How many images there are in a page. @param to the last id; null for no end */
  async countImages(after: string, to: string | null): Promise<number> {
    return this.#db.$count(images, and(gt(images.id, after), to === null ? undefined : lte(images.id, to)));
  }

  /** Images that wait without an open job, or are complete without all their sizes. */
  async oddImages(after: string, to: string | null, limit: number): Promise<OddImage[]> {
    const isOdd = sql`(
      (status IN ('pending', 'processing') AND NOT ${hasOpenJob})
      OR (status = 'complete'
        AND (SELECT COUNT(DISTINCT name) FROM variant WHERE image_id = image.id) < ${VARIANT_NAMES.length}))`;
    return this.#db
      .select({ id: images.id, status: images.status })
      .from(images)
      .where(and(gt(images.id, after), to === null ? undefined : lte(images.id, to), isOdd))
      .orderBy(asc(images.id))
      .limit(limit);
  }

  /**
   * Throws an image's sizes away and opens a job for all of them.
   * @returns false when the image has changed since it was read, or has an open job by now
   */
  async remake({ id, status, generation }: Image, job: Job): Promise<boolean> {
    const isOfImage = eq(variants.imageId, id);
    const isAsSeen = sql`EXISTS (
      SELECT 1 FROM image WHERE id = ${id} AND status = ${status} AND generation = ${generation} AND NOT ${hasOpenJob})`;
    return writeGuarded(this.#db, isAsSeen, [
      this.#db
        .insert(trash)
        .select(this.#db.select({ key: variants.key }).from(variants).where(isOfImage))
        .onConflictDoNothing(),
      this.#db.delete(variants).where(isOfImage),
      this.#db.update(images).set({ status: "pending", generation: job.generation }).where(eq(images.id, id)),
      this.#db.insert(jobs).values(job),
      noteStatus(this.#db, id, job.id),
    ]);
  }

  /** Forgets a size that is gone, of an image that cannot be made again. */
  async forgetSize(key: string): Promise<void> {
    await this.#db.delete(variants).where(eq(variants.key, key));
  }

  /**
   * Notes that the bytes of a file are gone. A photo of it is failed, and so are its open jobs.
   * @returns false when something happened to the file since it was read; nothing is written then
   */
  async markLost(file: StoredFile, at: string, note: FailureNote, event: DomainEvent): Promise<boolean> {
    const { id, key, version } = file;
    const reason = { errorCode: note.code, errorDetail: note.detail };
    const openJobs = sql`image_id = ${id} AND status IN ('pending', 'processing')`;
    return writeGuarded(
      this.#db,
      sql`EXISTS (SELECT 1 FROM file WHERE id = ${id} AND key = ${key} AND version = ${version})`,
      [
        this.#db.update(files).set({ lostAt: at, version: event.sequence }).where(eq(files.id, id)),
        this.#db
          .update(images)
          .set({ status: "failed", ...reason })
          .where(eq(images.id, id)),
        noteStatus(this.#db, id, null),
        this.#db
          .update(jobs)
          .set({ status: "failed", finishedAt: at, ...reason })
          .where(openJobs),
        this.#db.insert(outbox).values(outboxRow(event)),
      ],
    );
  }
}

/** Whether a job is to make the sizes of `image`. */
const hasOpenJob = sql`EXISTS (
  SELECT 1 FROM job WHERE image_id = image.id AND kind = 'eager' AND job.status IN ('pending', 'processing'))`;
