import { and, asc, desc, eq, gt, inArray, lt, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import { noteStatus } from "../feed/live-updates.repo.ts";
import {
  files,
  type Image,
  images,
  type Job,
  jobs,
  type MadeSize,
  outbox,
  type StoredFile,
  variants,
} from "../schema.ts";
import type { ImageListing, ImageSort, Position } from "./image-list.ts";
import { LISTED_COLUMNS, type ListedImage, type ListedRow, readListed } from "./listed-image.repo.ts";

/** An image with the file it is made from and the sizes that were made of it. */
export interface WholeImage {
  image: Image;
  file: StoredFile;
  variants: MadeSize[];
}

const NAME = sql`${images.originalName} COLLATE NOCASE`;
const BYTES = sql`${images.bytes}`;

/** What each order sorts by before the id, which alone sorts by time. */
const ORDERS: Record<ImageSort, { column: SQL | null; isDescending: boolean }> = {
  uploadedAt: { column: null, isDescending: false },
  "-uploadedAt": { column: null, isDescending: true },
  originalName: { column: NAME, isDescending: false },
  "-originalName": { column: NAME, isDescending: true },
  bytes: { column: BYTES, isDescending: false },
  "-bytes": { column: BYTES, isDescending: true },
};

function orderOf(sort: ImageSort): SQL[] {
  const { column, isDescending } = ORDERS[sort];
  const direction = isDescending ? desc : asc;
  return [...(column === null ? [] : [direction(column)]), direction(images.id)];
}

function isBehind(sort: ImageSort, { id, value }: Position): SQL {
  const { column, isDescending } = ORDERS[sort];
  if (column === null) return isDescending ? lt(images.id, id) : gt(images.id, id);
  return isDescending
    ? sql`(${column}, ${images.id}) < (${value}, ${id})`
    : sql`(${column}, ${images.id}) > (${value}, ${id})`;
}

/** D1 binds a hundred values, and each letter takes two. */
const FOLDED_LETTERS_MAX = 40;

/**
 * Picks the images with a text in their names, in upper or lower case. SQLite's `lower` knows the letters of ASCII alone,
 * so of the others those that are looked for are made small one by one. No LIKE: there is nothing to escape, and D1 takes
 * patterns of 50 bytes only.
 */
function isNamed(search: string): SQL {
  // Letter by letter: a sigma at the end of a word would become another letter.
  const letters = [...search].map((letter) => letter.toLowerCase());
  const beyondAscii = [...new Set(letters)].filter((letter) => letter > "\x7f" && letter.toUpperCase() !== letter);
  const name = beyondAscii
    .slice(0, FOLDED_LETTERS_MAX)
    .reduce(
      (folded, letter) => sql`replace(${folded}, ${letter.toUpperCase()}, ${letter})`,
      sql`lower(${images.originalName})`,
    );
  return sql`instr(${name}, ${letters.join("")}) > 0`;
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

  /** Which of these are a user's. @param ids at most 99: D1 binds a hundred */
  async ownedOf(userId: string, ids: string[]): Promise<string[]> {
    const isOwned = and(inArray(images.id, ids), eq(images.userId, userId));
    const owned = await this.#db.select({ id: images.id }).from(images).where(isOwned);
    return owned.map(({ id }) => id);
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

  /** A page of a user's images, one beyond the limit so that the caller sees whether more follow. */
  async listOf(userId: string, listing: ImageListing): Promise<Image[]> {
    return this.#db
      .select()
      .from(images)
      .where(this.#isOnPage(userId, listing))
      .orderBy(...orderOf(listing.sort));
  }

  /** The same with all that belongs to the images, by one question to the database. */
  async listWholeOf(userId: string, listing: ImageListing): Promise<ListedImage[]> {
    const page = this.#db
      .select(LISTED_COLUMNS)
      .from(images)
      .innerJoin(files, eq(files.id, images.id))
      .where(this.#isOnPage(userId, listing))
      .orderBy(...orderOf(listing.sort));
    const rows = await this.#db.values<ListedRow>(page);
    return rows.map(readListed);
  }

  /** The page's ids are picked within an index; only their rows are read then. */
  #isOnPage(userId: string, { limit, after, status, search, sort }: ImageListing): SQL {
    const ids = this.#db
      .select({ id: images.id })
      .from(images)
      .where(
        and(
          eq(images.userId, userId),
          after === null ? undefined : isBehind(sort, after),
          status === undefined ? undefined : eq(images.status, status),
          search === undefined ? undefined : isNamed(search),
        ),
      )
      .orderBy(...orderOf(sort))
      .limit(limit + 1);
    return inArray(images.id, ids);
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
   * @param event tells of it, where its owner did not ask for it
   * @returns false when it has another number by now, or is gone
   */
  async addOnDemand(job: Job, known: number, event?: DomainEvent): Promise<boolean> {
    const isUnchanged = sql`
      EXISTS (SELECT 1 FROM image WHERE id = ${job.imageId} AND status = 'complete')
      AND (SELECT COUNT(*) FROM job WHERE image_id = ${job.imageId} AND kind = 'on_demand') = ${known}`;
    return writeGuarded(this.#db, isUnchanged, [this.#db.insert(jobs).values(job), ...this.#tell(event)]);
  }

  /**
   * Opens a new generation of a failed image.
   * @param event tells of it, where its owner did not ask for it
   * @returns false when it is not failed any more
   */
  async restart(image: Image, job: Job, event?: DomainEvent): Promise<boolean> {
    const stillFailed = sql`EXISTS (
      SELECT 1 FROM image WHERE id = ${image.id} AND status = 'failed' AND generation = ${image.generation})`;
    return writeGuarded(this.#db, stillFailed, [
      this.#db
        .update(images)
        .set({ status: "pending", generation: job.generation, errorCode: null, errorDetail: null })
        .where(eq(images.id, image.id)),
      this.#db.insert(jobs).values(job),
      noteStatus(this.#db, image.id, job.id),
      ...this.#tell(event),
    ]);
  }

  #tell(event: DomainEvent | undefined) {
    return event === undefined ? [] : [this.#db.insert(outbox).values(outboxRow(event))];
  }
}
