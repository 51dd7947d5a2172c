import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { forgettingKeys } from "../../../../shared/idempotency/keys.repo.ts";
import { erasedUsers } from "../../../../shared/personal-data/erased-users.ts";
import {
  attemptVariants,
  files,
  type Image,
  images,
  jobs,
  liveUpdates,
  type Share,
  type StoredFile,
  shares,
  trash,
  type Variant,
  variants,
} from "../schema.ts";

/** A file; for a photo also its image and the sizes that were made of it. */
export interface FileWithSizes {
  file: StoredFile;
  image: Image | null;
  variants: Variant[];
  shares: Share[];
}

/** Everything that a user has uploaded, to be exported or erased. */
export class PersonalFilesRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** A user's files behind an id, oldest first, in one state. */
  async listAfter(userId: string, id: string | null, limit: number): Promise<FileWithSizes[]> {
    const after = id === null ? undefined : gt(files.id, id);
    const isOnPage = and(eq(files.userId, userId), after);
    const ids = this.#db.select({ id: files.id }).from(files).where(isOnPage).orderBy(asc(files.id)).limit(limit);
    // Four statements and no join: in a batch the columns of joined tables fall together where their names are equal.
    const [page, photos, made, shared] = await this.#db.batch([
      this.#db.select().from(files).where(isOnPage).orderBy(asc(files.id)).limit(limit),
      this.#db.select().from(images).where(inArray(images.id, ids)),
      this.#db.select().from(variants).where(inArray(variants.imageId, ids)),
      this.#db.select().from(shares).where(inArray(shares.fileId, ids)),
    ]);
    const imageOf = new Map(photos.map((image) => [image.id, image]));
    const sizesOf = Map.groupBy(made, (variant) => variant.imageId);
    const sharesOf = Map.groupBy(shared, (share) => share.fileId);
    return page.map((file) => ({
      file,
      image: imageOf.get(file.id) ?? null,
      variants: sizesOf.get(file.id) ?? [],
      shares: sharesOf.get(file.id) ?? [],
    }));
  }

  /**
   * Closes the door for a user's new files, and removes some of theirs with everything that was made of them. Their
   * objects' keys go to the trash in the same transaction.
   * @returns how many files were removed, and those keys
   */
  async removeSome(userId: string, limit: number): Promise<{ removed: number; keys: string[] }> {
    const some = sql`(SELECT id FROM file WHERE user_id = ${userId} ORDER BY id LIMIT ${limit})`;
    const theirJobs = sql`(SELECT id FROM job WHERE image_id IN ${some})`;
    const [, trashed, , , , , , removed] = await this.#db.batch([
      this.#db.insert(erasedUsers).values({ userId }).onConflictDoNothing(),
      this.#db
        .insert(trash)
        .select(sql`
          SELECT key FROM file AS one WHERE id IN ${some} AND NOT EXISTS (
            SELECT 1 FROM file WHERE user_id = one.user_id AND sha256 = one.sha256 AND key = one.key AND id NOT IN ${some})
          UNION SELECT key FROM variant WHERE image_id IN ${some}
          UNION SELECT key FROM attempt_variant WHERE job_id IN ${theirJobs}`)
        .onConflictDoNothing()
        .returning(),
      this.#db.delete(attemptVariants).where(sql`job_id IN ${theirJobs}`),
      this.#db.delete(jobs).where(sql`image_id IN ${some}`),
      this.#db.delete(variants).where(sql`image_id IN ${some}`),
      this.#db.delete(images).where(sql`id IN ${some}`),
      this.#db.delete(liveUpdates).where(eq(liveUpdates.userId, userId)),
      // After these, which look the files up.
      this.#db.delete(files).where(sql`id IN ${some}`).returning({ id: files.id }),
      forgettingKeys(this.#db, userId),
    ]);
    return { removed: removed.length, keys: trashed.map((row) => row.key) };
  }
}
