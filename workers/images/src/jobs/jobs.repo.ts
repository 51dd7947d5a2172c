import { and, eq, lt, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Placeholder } from "../../../../shared/contracts/rpc.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import { noteStatus } from "../feed/live-updates.repo.ts";
import {
  type AttemptVariant,
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
import { isDue } from "./open-jobs.repo.ts";

/** A job with the image and the file it works on. */
export interface WholeJob {
  job: Job;
  image: Image;
  file: StoredFile;
}

/** How an attempt ended well. */
export interface MadeSizes {
  attemptId: string;
  at: string;
  placeholder: Placeholder;
}

/** Why an attempt ended without sizes. */
export interface FailureNote {
  code: string;
  detail: string;
}

/** False where nothing was written: the attempt had lost its lease, or the image is gone. */
type Written = boolean;

/** Resize jobs, as an attempt at one changes them. */
export class JobsRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async find(jobId: string): Promise<WholeJob | null> {
    const [row] = await this.#db
      .select({ job: jobs, image: images, file: files })
      .from(jobs)
      .innerJoin(images, eq(images.id, jobs.imageId))
      .innerJoin(files, eq(files.id, jobs.imageId))
      .where(eq(jobs.id, jobId));
    return row ?? null;
  }

  /** Gives a job that is due to a new attempt, in one transaction. What the attempt before has stored is trash. */
  async claim(
    jobId: string,
    attemptId: string,
    maxAttempts: number,
    now: number,
    leaseUntil: number,
  ): Promise<Written> {
    const isOurs = sql`id = ${jobId} AND attempt_id = ${attemptId}`;
    const itsImage = sql`(SELECT image_id FROM job WHERE ${isOurs} AND kind = 'eager')`;
    const isStale = sql`job_id = ${jobId} AND attempt_id <> (SELECT attempt_id FROM job WHERE id = ${jobId})`;
    const [claimed] = await this.#db.batch([
      this.#db
        .update(jobs)
        .set({ status: "processing", attempts: sql`attempts + 1`, attemptId, leaseUntil })
        .where(and(eq(jobs.id, jobId), lt(jobs.attempts, maxAttempts), isDue(now)))
        .returning({ id: jobs.id }),
      this.#db.update(images).set({ status: "processing" }).where(sql`id = ${itsImage}`),
      noteStatus(this.#db, itsImage, jobId),
      ...this.#discardVariants(isStale),
    ]);
    return claimed.length > 0;
  }

  /** Prolongs an attempt's lease. */
  async prolong(jobId: string, attemptId: string, leaseUntil: number): Promise<Written> {
    const held = await this.#db
      .update(jobs)
      .set({ leaseUntil })
      .where(and(eq(jobs.id, jobId), eq(jobs.attemptId, attemptId), eq(jobs.status, "processing")))
      .returning({ id: jobs.id });
    return held.length > 0;
  }

  /** Notes what an attempt has stored. Noting the same size in the same format again replaces it. */
  async noteVariant(made: AttemptVariant): Promise<Written> {
    return writeGuarded(this.#db, holds(made.jobId, made.attemptId), [
      this.#db
        .insert(attemptVariants)
        .values(made)
        .onConflictDoUpdate({
          target: [attemptVariants.jobId, attemptVariants.attemptId, attemptVariants.name, attemptVariants.format],
          set: made,
        }),
    ]);
  }

  async variantsOf(jobId: string, attemptId: string): Promise<AttemptVariant[]> {
    return this.#db
      .select()
      .from(attemptVariants)
      .where(and(eq(attemptVariants.jobId, jobId), eq(attemptVariants.attemptId, attemptId)));
  }

  /** Makes what the attempt has stored the image's sizes, and the image complete. */
  async complete(whole: WholeJob, made: MadeSizes, event: DomainEvent): Promise<Written> {
    const { job, image, file } = whole;
    const current = sql`(SELECT generation FROM image WHERE id = ${image.id}) = ${job.generation}`;
    return writeGuarded(this.#db, sql`${holds(job.id, made.attemptId)} AND ${current} AND ${unchanged(file)}`, [
      ...this.#takeOver(whole, made),
      this.#db.update(images).set({ status: "complete", processedAt: made.at }).where(eq(images.id, image.id)),
      noteStatus(this.#db, image.id, job.id),
      this.#db.update(files).set({ version: event.sequence }).where(eq(files.id, file.id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** Adds what the attempt has stored to the sizes of an image that was complete before. */
  async completeOnDemand(whole: WholeJob, made: MadeSizes): Promise<Written> {
    return writeGuarded(this.#db, holds(whole.job.id, made.attemptId), [...this.#takeOver(whole, made)]);
  }

  /** Gives the job back: another attempt may claim it from `notBefore` (Unix milliseconds) on. */
  async release({ job, image }: WholeJob, attemptId: string, notBefore: number, note: FailureNote): Promise<Written> {
    return writeGuarded(this.#db, holds(job.id, attemptId), [
      ...this.#discardVariants(eq(attemptVariants.jobId, job.id)),
      this.#db
        .update(jobs)
        .set({ status: "pending", attemptId: null, notBefore, errorCode: note.code, errorDetail: note.detail })
        .where(eq(jobs.id, job.id)),
      ...(job.kind === "eager"
        ? [
            this.#db.update(images).set({ status: "pending" }).where(eq(images.id, image.id)),
            noteStatus(this.#db, image.id, job.id),
          ]
        : []),
    ]);
  }

  /** Ends the job and its image as failed, with the reason. */
  async fail(
    { job, image, file }: WholeJob,
    attemptId: string,
    at: string,
    note: FailureNote,
    event: DomainEvent,
  ): Promise<Written> {
    return writeGuarded(this.#db, sql`${holds(job.id, attemptId)} AND ${unchanged(file)}`, [
      ...this.#giveUp(job, at, note),
      this.#db
        .update(images)
        .set({ status: "failed", errorCode: note.code, errorDetail: note.detail })
        .where(eq(images.id, image.id)),
      noteStatus(this.#db, image.id, job.id),
      this.#db.update(files).set({ version: event.sequence }).where(eq(files.id, file.id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** Ends the job as failed, with the reason; the image stays as complete as it was. */
  async failOnDemand({ job }: WholeJob, attemptId: string, at: string, note: FailureNote): Promise<Written> {
    return writeGuarded(this.#db, holds(job.id, attemptId), [...this.#giveUp(job, at, note)]);
  }

  /** What every job that succeeds writes. */
  #takeOver({ job, image }: WholeJob, { attemptId, at, placeholder }: MadeSizes) {
    return [
      this.#db.insert(variants).select(sql`
        SELECT ${image.id}, name, format, key, width, height, bytes, etag
        FROM attempt_variant WHERE job_id = ${job.id} AND attempt_id = ${attemptId}`),
      this.#db.delete(attemptVariants).where(eq(attemptVariants.jobId, job.id)),
      this.#db.update(images).set(placeholder).where(eq(images.id, image.id)),
      this.#db.update(jobs).set({ status: "complete", finishedAt: at }).where(eq(jobs.id, job.id)),
    ] as const;
  }

  /** What every job that fails for good writes. */
  #giveUp(job: Job, at: string, note: FailureNote) {
    return [
      ...this.#discardVariants(eq(attemptVariants.jobId, job.id)),
      this.#db
        .update(jobs)
        .set({ status: "failed", finishedAt: at, errorCode: note.code, errorDetail: note.detail })
        .where(eq(jobs.id, job.id)),
    ] as const;
  }

  /** Two statements: what attempts have stored goes to the trash. */
  #discardVariants(which: SQL) {
    return [
      this.#db.insert(trash).select(sql`SELECT key FROM attempt_variant WHERE ${which}`).onConflictDoNothing(),
      this.#db.delete(attemptVariants).where(which),
    ] as const;
  }
}

/** Whether the attempt is the one that may write: the lease's time does not count, only that nobody took it over. */
function holds(jobId: string, attemptId: string) {
  return sql`EXISTS (
    SELECT 1 FROM job WHERE id = ${jobId} AND attempt_id = ${attemptId} AND status = 'processing')`;
}

function unchanged(file: StoredFile) {
  return sql`(SELECT version FROM file WHERE id = ${file.id}) = ${file.version}`;
}
