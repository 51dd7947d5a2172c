import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../shared/contracts/events.ts";
import type { Paging } from "../../../shared/http/paging.ts";
import { outboxRow } from "../../../shared/outbox/d1-store.ts";
import { guard, isGuardFailure } from "../../../shared/outbox/guard.ts";
import { isNotErased } from "../../../shared/personal-data/erased-users.ts";
import {
  attemptVariants,
  files,
  type Ingested,
  images,
  jobs,
  openUploads,
  outbox,
  type StoredFile,
  trash,
  variants,
} from "./schema.ts";

export class FilesRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  /**
   * Writes an upload's rows in one transaction.
   * @param ends the resumable upload that it came by
   * @returns false when its user was erased; nothing is written then
   */
  async insert({ file, image, job }: Ingested, event: DomainEvent, ends?: string): Promise<boolean> {
    try {
      await this.#db.batch([
        guard(this.#db, isNotErased(file.userId)),
        this.#db.insert(files).values(file),
        ...(image === null ? [] : [this.#db.insert(images).values(image)]),
        ...(job === null ? [] : [this.#db.insert(jobs).values(job)]),
        ...(ends === undefined ? [] : [this.#db.delete(openUploads).where(eq(openUploads.id, ends))]),
        this.#db.insert(outbox).values(outboxRow(event)),
      ]);
      return true;
    } catch (error) {
      if (isGuardFailure(error)) return false;
      throw error;
    }
  }

  async find(id: string): Promise<StoredFile | null> {
    const [file] = await this.#db.select().from(files).where(eq(files.id, id));
    return file ?? null;
  }

  /** A user's files, photos among them, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, { limit, cursor }: Paging): Promise<StoredFile[]> {
    const before = cursor === undefined ? undefined : lt(files.id, cursor);
    return this.#db
      .select()
      .from(files)
      .where(and(eq(files.userId, userId), before))
      .orderBy(desc(files.id))
      .limit(limit + 1);
  }

  /** Whether a photo's row stands behind this file. */
  async isImage(id: string): Promise<boolean> {
    const rows = await this.#db.select({ id: images.id }).from(images).where(eq(images.id, id));
    return rows.length > 0;
  }

  /**
   * Removes a file with everything that was made of it. Its objects' keys go to the trash in the same transaction.
   * @returns those keys, or null when something happened to the file since it was read; nothing is written then.
   */
  async remove(file: StoredFile, event: DomainEvent): Promise<string[] | null> {
    const unchanged = sql`(SELECT version FROM file WHERE id = ${file.id}) = ${file.version}`;
    const itsJobs = this.#db.select({ id: jobs.id }).from(jobs).where(eq(jobs.imageId, file.id));
    try {
      const [, trashed] = await this.#db.batch([
        guard(this.#db, unchanged),
        this.#db
          .insert(trash)
          .select(sql`
            SELECT key FROM file WHERE id = ${file.id}
            UNION SELECT key FROM variant WHERE image_id = ${file.id}
            UNION SELECT key FROM attempt_variant WHERE job_id IN (SELECT id FROM job WHERE image_id = ${file.id})`)
          .returning(),
        this.#db.delete(attemptVariants).where(inArray(attemptVariants.jobId, itsJobs)),
        this.#db.delete(jobs).where(eq(jobs.imageId, file.id)),
        this.#db.delete(variants).where(eq(variants.imageId, file.id)),
        this.#db.delete(images).where(eq(images.id, file.id)),
        this.#db.delete(files).where(eq(files.id, file.id)),
        this.#db.insert(outbox).values(outboxRow(event)),
      ]);
      return trashed.map((row) => row.key);
    } catch (error) {
      if (isGuardFailure(error)) return null;
      throw error;
    }
  }
}
