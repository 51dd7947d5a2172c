import { inArray, lt, or, type SQL, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { firstIdOf, newId } from "../../../../shared/ids.ts";
import { type LiveUpdate, liveUpdates } from "../schema.ts";

/** D1 takes at most 100 bound parameters in a statement. */
const UPDATES_PER_STATEMENT = 90;

/**
 * A statement for a batch that changes a photo's status: notes for its owner's feed how the photo stands at that place
 * of the batch. Where no photo is, nothing is noted.
 * @param imageId the photo, or a query that finds its id
 * @param jobId the job that it is about, if any
 */
export function noteStatus(db: DrizzleD1Database, imageId: string | SQL, jobId: string | null) {
  return noteUpdate(db, imageId, jobId, sql`status`);
}

/** The same for a batch that deletes a photo, before its row is gone. */
export function noteDeletion(db: DrizzleD1Database, imageId: string) {
  return noteUpdate(db, imageId, null, sql`'deleted'`);
}

/** The fields of an `ImageUpdate`, each under its name there. */
function noteUpdate(db: DrizzleD1Database, imageId: string | SQL, jobId: string | null, status: SQL) {
  return db.insert(liveUpdates).select(sql`
    SELECT ${newId()}, user_id, json_object(
      'id', id, 'status', ${status}, 'errorMessage', error_detail, 'thumbHash', thumb_hash,
      'dominantColour', dominant_colour, 'jobId', ${jobId}, 'at', ${new Date().toISOString()})
    FROM image WHERE id = ${imageId}`);
}

/** What happened to photos and is on its way to their owners' feeds. */
export class LiveUpdatesRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** Some that wait, in the order in which they were written. */
  async next(): Promise<LiveUpdate[]> {
    return this.#db.select().from(liveUpdates).orderBy(sql`rowid`).limit(UPDATES_PER_STATEMENT);
  }

  /** Forgets those that were delivered, and all that are older than a time (Unix milliseconds). */
  async forget(ids: string[], before: number): Promise<void> {
    await this.#db.delete(liveUpdates).where(or(inArray(liveUpdates.id, ids), lt(liveUpdates.id, firstIdOf(before))));
  }
}
