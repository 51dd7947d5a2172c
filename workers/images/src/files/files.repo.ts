import { and, desc, eq, inArray, lt, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Paging } from "../../../../shared/http/paging.ts";
import { isStillHeld, keeping } from "../../../../shared/idempotency/keys.repo.ts";
import type { KeptAnswer } from "../../../../shared/idempotency/schema.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { guard, isGuardFailure, writeGuarded } from "../../../../shared/outbox/guard.ts";
import { erasedUsers, isNotErased } from "../../../../shared/personal-data/erased-users.ts";
import { noteDeletion, noteStatus } from "../feed/live-updates.repo.ts";
import {
  attemptVariants,
  begunObjects,
  files,
  type Ingested,
  images,
  jobs,
  openUploads,
  outbox,
  type StoredFile,
  trash,
  variants,
} from "../schema.ts";
import { isBegun } from "../uploads/begun-objects.repo.ts";

/** Files of one user with the same bytes. They have one object between them. */
interface Twins {
  userId: string;
  sha256: string;
}

/** What an upload was stored as, and which twin it had then. */
interface CameAs {
  key: string;
  twin: StoredFile | null;
  /**
   * Whether it stands among the begun ones, from where somebody may have given it up. That of a resumable upload does not:
   * it stands among the open ones, under the id of the file.
   */
  isBegun: boolean;
}

type ObjectCopy = Pick<StoredFile, "key" | "etag">;

/** What a file that is deleted leaves to its twins: nothing but its object, or a copy where the object goes with it. */
export interface Legacy {
  /** Whether a twin names its object. */
  isShared: boolean;
  copy: ObjectCopy | null;
}

export class FilesRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  async ping(): Promise<void> {
    await this.#db.run(sql`SELECT 1`);
  }

  /**
   * Writes an upload's rows in one transaction. Where they name the object of a twin, that which came is trash.
   * @param came the object that was stored for it, and the twin that the caller has seen
   * @param kept the answer that is to be kept with them
   * @returns false, with nothing written, when the user was erased, the object was given up, the twins have changed, or
   * another request has taken the answer's key over
   */
  async insert(
    { file, image, job }: Ingested,
    event: DomainEvent,
    came: CameAs,
    kept: KeptAnswer | null,
  ): Promise<boolean> {
    const isShared = file.key !== came.key;
    const twins = sql`FROM file WHERE user_id = ${file.userId} AND sha256 = ${file.sha256}`;
    const asSeen = isShared
      ? sql`EXISTS (SELECT 1 ${twins} AND key = ${file.key})`
      : sql`NOT EXISTS (SELECT 1 ${twins} AND key IS NOT ${came.twin?.key ?? null})`;
    const isThere = came.isBegun ? isBegun(came.key) : sql`TRUE`;
    return writeGuarded(
      this.#db,
      sql`${isNotErased(file.userId)} AND ${isThere} AND ${asSeen} AND ${isStillHeld(kept)}`,
      [
        this.#db.insert(files).values(file),
        this.#db.delete(begunObjects).where(eq(begunObjects.key, came.key)),
        ...(isShared ? [this.#db.insert(trash).values({ key: came.key }).onConflictDoNothing()] : []),
        ...(image === null ? [] : [this.#db.insert(images).values(image)]),
        ...(job === null ? [] : [this.#db.insert(jobs).values(job), noteStatus(this.#db, file.id, job.id)]),
        ...(came.isBegun ? [] : [this.#db.delete(openUploads).where(eq(openUploads.id, file.id))]),
        this.#db.insert(outbox).values(outboxRow(event)),
        ...keeping(this.#db, kept),
      ],
    );
  }

  async isErased(userId: string): Promise<boolean> {
    const rows = await this.#db.select().from(erasedUsers).where(eq(erasedUsers.userId, userId));
    return rows.length > 0;
  }

  /** A file of the same user with the same bytes; of several the last, whose object is the surest to be there. */
  async findTwin({ userId, sha256 }: Twins): Promise<StoredFile | null> {
    const isTwin = and(eq(files.userId, userId), eq(files.sha256, sha256));
    const [twin] = await this.#db.select().from(files).where(isTwin).orderBy(desc(files.id)).limit(1);
    return twin ?? null;
  }

  async find(id: string): Promise<StoredFile | null> {
    const [file] = await this.#db.select().from(files).where(eq(files.id, id));
    return file ?? null;
  }

  /**
   * A user's files, photos among them, newest first, one beyond the limit so that the caller sees whether more follow.
   * @param sha256 only those with these bytes
   */
  async listOf(userId: string, { limit, cursor }: Paging, sha256?: string): Promise<StoredFile[]> {
    const before = cursor === undefined ? undefined : lt(files.id, cursor);
    const hasBytes = sha256 === undefined ? undefined : eq(files.sha256, sha256);
    return this.#db
      .select()
      .from(files)
      .where(and(eq(files.userId, userId), before, hasBytes))
      .orderBy(desc(files.id))
      .limit(limit + 1);
  }

  /** Those of some files that are a user's own, in no order. */
  async findOwn(userId: string, ids: string[]): Promise<StoredFile[]> {
    // One parameter, however many there are: D1 takes a hundred.
    const isAmong = sql`${files.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
    return this.#db
      .select()
      .from(files)
      .where(and(isAmong, eq(files.userId, userId)));
  }

  /** Whether a photo's row stands behind this file. */
  async isImage(id: string): Promise<boolean> {
    const rows = await this.#db.select({ id: images.id }).from(images).where(eq(images.id, id));
    return rows.length > 0;
  }

  /**
   * Writes what its owner has changed of a file.
   * @returns false when something happened to the file since it was read; nothing is written then
   */
  async change(file: StoredFile, { name, visibility, version }: StoredFile, event: DomainEvent): Promise<boolean> {
    return writeGuarded(this.#db, isUnchanged(file), [
      this.#db.update(files).set({ name, visibility, version }).where(eq(files.id, file.id)),
      this.#db.update(images).set({ originalName: name }).where(eq(images.id, file.id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** A twin that names the same object. */
  async findHeir(file: StoredFile): Promise<StoredFile | null> {
    const [heir] = await this.#db.select().from(files).where(sharesObject(file)).limit(1);
    return heir ?? null;
  }

  /**
   * Removes a file with everything that was made of it. Its objects' keys go to the trash in the same transaction, but
   * for one that its twins go on with.
   * @returns those keys, or null when something happened to the file or its twins since they were read; nothing is
   * written then
   */
  async remove(file: StoredFile, event: DomainEvent, { isShared, copy }: Legacy): Promise<string[] | null> {
    const asSeen = sql`EXISTS (SELECT 1 FROM file WHERE ${sharesObject(file)}) = ${Number(isShared)}`;
    const isCopied = copy === null ? sql`TRUE` : isBegun(copy.key);
    const isKept = isShared && copy === null;
    const itsJobs = this.#db.select({ id: jobs.id }).from(jobs).where(eq(jobs.imageId, file.id));
    try {
      const [, trashed] = await this.#db.batch([
        guard(this.#db, sql`${isUnchanged(file)} AND ${asSeen} AND ${isCopied}`),
        this.#db
          .insert(trash)
          .select(sql`
            SELECT key FROM file WHERE id = ${file.id} AND NOT ${Number(isKept)}
            UNION SELECT key FROM variant WHERE image_id = ${file.id}
            UNION SELECT key FROM attempt_variant WHERE job_id IN (SELECT id FROM job WHERE image_id = ${file.id})`)
          .returning(),
        ...(copy === null ? [] : this.#handOver(file, copy)),
        noteDeletion(this.#db, file.id),
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

  /** Gives a file's twins the copy of its object. */
  #handOver(file: StoredFile, copy: ObjectCopy) {
    return [
      this.#db.update(files).set({ key: copy.key, etag: copy.etag }).where(sharesObject(file)),
      this.#db.delete(begunObjects).where(eq(begunObjects.key, copy.key)),
    ];
  }
}

/** Picks the other files that name a file's object. */
function sharesObject({ id, userId, sha256, key }: StoredFile): SQL {
  return sql`user_id = ${userId} AND sha256 = ${sha256} AND key = ${key} AND id <> ${id}`;
}

function isUnchanged({ id, version }: StoredFile): SQL {
  return sql`(SELECT version FROM file WHERE id = ${id}) = ${version}`;
}
