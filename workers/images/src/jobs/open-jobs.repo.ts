import { count, gte, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { ImageStatus } from "../../../../shared/contracts/images.ts";
import { firstIdOf } from "../../../../shared/ids.ts";
import { jobs } from "../schema.ts";

/** A job that a resizer should be told of. */
export interface DueJob {
  id: string;
  attempts: number;
  requestId: string | null;
  traceparent: string | null;
}

interface JobCount {
  status: ImageStatus;
  jobs: number;
}

export interface JobFigures {
  /** Jobs that wait, are in work or have failed; a state that no job is in is left out. */
  unfinished: JobCount[];
  /** Jobs made lately, those that are done among them. */
  recent: JobCount[];
  /** The id of the oldest job that waits or is in work. */
  oldestOpen: string | null;
}

/** What there is still to do, and how much of it. */
export class OpenJobsRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** Open jobs that nobody works on, oldest first. */
  async due(now: number, limit: number): Promise<DueJob[]> {
    return this.#db.all<DueJob>(sql`
      SELECT id, attempts, request_id AS requestId, traceparent FROM job
      WHERE status IN ('pending', 'processing') AND ${isDue(now)} ORDER BY id LIMIT ${limit}`);
  }

  /**
   * Counts jobs. Those that are done are too many to be counted again and again, so only those of a while are.
   * @param since Unix milliseconds from which on `recent` counts
   */
  async figures(since: number): Promise<JobFigures> {
    const counted = { status: jobs.status, jobs: count() };
    // As the indexes say it, word for word.
    const isOpen = sql`status IN ('pending', 'processing')`;
    const isFailed = sql`status = 'failed'`;
    const [open, failed, recent, [oldest]] = await this.#db.batch([
      this.#db.select(counted).from(jobs).where(isOpen).groupBy(jobs.status),
      this.#db.select(counted).from(jobs).where(isFailed).groupBy(jobs.status),
      this.#db
        .select(counted)
        .from(jobs)
        .where(gte(jobs.id, firstIdOf(since)))
        .groupBy(jobs.status),
      this.#db.select({ id: jobs.id }).from(jobs).where(isOpen).orderBy(jobs.id).limit(1),
    ]);
    return { unfinished: [...open, ...failed], recent, oldestOpen: oldest?.id ?? null };
  }

  async hasOpen(): Promise<boolean> {
    const rows = await this.#db.all(sql`SELECT 1 FROM job WHERE status IN ('pending', 'processing') LIMIT 1`);
    return rows.length > 0;
  }
}

/** Waiting and its back-off passed, or in work and its lease run out. */
export function isDue(now: number) {
  return sql`((status = 'pending' AND not_before <= ${now}) OR (status = 'processing' AND lease_until <= ${now}))`;
}
