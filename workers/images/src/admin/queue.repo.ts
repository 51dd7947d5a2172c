import { and, asc, count, desc, eq, lt, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { ImageStatus } from "../../../../shared/contracts/images.ts";
import type { JobQuery } from "../../../../shared/contracts/queue.ts";
import { begunObjects, images, type Job, jobs, openUploads, trash } from "../schema.ts";

/** A job, whose it is, and whether it has failed and nothing was made in its place. */
export interface ListedJob {
  job: Job;
  userId: string;
  canBeRedriven: boolean;
}

/** What waits, for those who look after the deployment. */
export class QueueRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async counts(): Promise<{ begun: number; resumable: number; trash: number }> {
    const [[begun], [resumable], [thrown]] = await this.#db.batch([
      this.#db.select({ n: count() }).from(begunObjects),
      this.#db.select({ n: count() }).from(openUploads),
      this.#db.select({ n: count() }).from(trash),
    ]);
    return { begun: begun?.n ?? 0, resumable: resumable?.n ?? 0, trash: thrown?.n ?? 0 };
  }

  /** Everybody's jobs, newest first, one beyond the limit so that the caller sees whether more follow. */
  async list({ status, errorCode, limit, cursor }: JobQuery): Promise<ListedJob[]> {
    const rows = await this.#db
      .select({ job: jobs, userId: images.userId, canBeRedriven: CAN_BE_REDRIVEN.mapWith(Boolean) })
      .from(jobs)
      .innerJoin(images, eq(images.id, jobs.imageId))
      .where(
        and(
          IN_STATE[status],
          errorCode === undefined ? undefined : eq(jobs.errorCode, errorCode),
          cursor === undefined ? undefined : lt(jobs.id, cursor),
        ),
      )
      .orderBy(desc(jobs.id))
      .limit(limit + 1);
    return rows;
  }

  /** The oldest jobs that can be redriven, and how many there are in all. */
  async redrivable(errorCode: string | undefined, limit: number): Promise<{ ids: string[]; all: number }> {
    const isWanted = and(
      IN_STATE.failed,
      errorCode === undefined ? undefined : eq(jobs.errorCode, errorCode),
      CAN_BE_REDRIVEN,
    );
    const ofImage = eq(images.id, jobs.imageId);
    const [rows, [all]] = await this.#db.batch([
      this.#db
        .select({ id: jobs.id })
        .from(jobs)
        .innerJoin(images, ofImage)
        .where(isWanted)
        .orderBy(asc(jobs.id))
        .limit(limit),
      this.#db.select({ n: count() }).from(jobs).innerJoin(images, ofImage).where(isWanted),
    ]);
    return { ids: rows.map(({ id }) => id), all: all?.n ?? 0 };
  }
}

// As the indexes say it, word for word: they leave out the many that are done.
const IS_OPEN = sql`job.status IN ('pending', 'processing')`;
const IN_STATE: Record<ImageStatus, SQL> = {
  pending: sql`${IS_OPEN} AND job.status = 'pending'`,
  processing: sql`${IS_OPEN} AND job.status = 'processing'`,
  failed: sql`job.status = 'failed'`,
  complete: sql`job.status = 'complete'`,
};

/**
 * Whether a job has failed and is the last word about its image: nobody has tried again since, and there is something
 * to try with.
 */
const CAN_BE_REDRIVEN = sql<boolean>`(job.status = 'failed' AND CASE job.kind
  WHEN 'eager' THEN image.status = 'failed' AND image.generation = job.generation
    AND COALESCE(image.error_code, '') <> 'original_lost'
  ELSE image.status = 'complete' AND NOT EXISTS (
    SELECT 1 FROM job AS other
    WHERE other.image_id = job.image_id AND other.kind = 'on_demand' AND (other.status <> 'failed' OR other.id > job.id))
  END)`;
