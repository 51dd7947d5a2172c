import { and, desc, eq, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { ImageStatus } from "../../../shared/contracts/images.ts";
import type { Paging } from "../../../shared/http/paging.ts";
import { guard, isGuardFailure } from "../../../shared/outbox/guard.ts";
import { files, type Image, images, type Job, jobs, type StoredFile, type Variant, variants } from "./schema.ts";

/** An image with the file it is made from and the sizes that were made of it. */
export interface WholeImage {
  image: Image;
  file: StoredFile;
  variants: Variant[];
}

export class ImagesRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async find(id: string): Promise<Image | null> {
    const [image] = await this.#db.select().from(images).where(eq(images.id, id));
    return image ?? null;
  }

  /** Reads an image with all that belongs to it, in one state. */
  async findWhole(id: string): Promise<WholeImage | null> {
    const [[image], [file], made] = await this.#db.batch([
      this.#db.select().from(images).where(eq(images.id, id)),
      this.#db.select().from(files).where(eq(files.id, id)),
      this.#db.select().from(variants).where(eq(variants.imageId, id)),
    ]);
    return image === undefined || file === undefined ? null : { image, file, variants: made };
  }

  /** A user's images, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, { limit, cursor }: Paging, status?: ImageStatus): Promise<Image[]> {
    const before = cursor === undefined ? undefined : lt(images.id, cursor);
    const inStatus = status === undefined ? undefined : eq(images.status, status);
    return this.#db
      .select()
      .from(images)
      .where(and(eq(images.userId, userId), before, inStatus))
      .orderBy(desc(images.id))
      .limit(limit + 1);
  }

  /** A job together with the owner of its image. */
  async findJob(id: string): Promise<{ job: Job; userId: string } | null> {
    const [row] = await this.#db
      .select({ job: jobs, userId: images.userId })
      .from(jobs)
      .innerJoin(images, eq(images.id, jobs.imageId))
      .where(eq(jobs.id, id));
    return row ?? null;
  }

  /** The jobs that were to add a format to an image that was complete, newest first. */
  async onDemandJobsOf(imageId: string): Promise<Job[]> {
    return this.#db
      .select()
      .from(jobs)
      .where(and(eq(jobs.imageId, imageId), eq(jobs.kind, "on_demand")))
      .orderBy(desc(jobs.id));
  }

  /**
   * Adds an on-demand job to a complete image.
   * @param known how many the image had when the caller looked
   * @returns false when it has another number by now, or is gone
   */
  async addOnDemand(job: Job, known: number): Promise<boolean> {
    const isUnchanged = sql`
      EXISTS (SELECT 1 FROM image WHERE id = ${job.imageId} AND status = 'complete')
      AND (SELECT COUNT(*) FROM job WHERE image_id = ${job.imageId} AND kind = 'on_demand') = ${known}`;
    try {
      await this.#db.batch([guard(this.#db, isUnchanged), this.#db.insert(jobs).values(job)]);
      return true;
    } catch (error) {
      if (isGuardFailure(error)) return false;
      throw error;
    }
  }

  /** Opens a new generation of a failed image. @returns false when it is not failed any more. */
  async restart(image: Image, job: Job): Promise<boolean> {
    const stillFailed = sql`EXISTS (
      SELECT 1 FROM image WHERE id = ${image.id} AND status = 'failed' AND generation = ${image.generation})`;
    try {
      await this.#db.batch([
        guard(this.#db, stillFailed),
        this.#db
          .update(images)
          .set({ status: "pending", generation: job.generation, errorCode: null, errorDetail: null })
          .where(eq(images.id, image.id)),
        this.#db.insert(jobs).values(job),
      ]);
      return true;
    } catch (error) {
      if (isGuardFailure(error)) return false;
      throw error;
    }
  }
}
