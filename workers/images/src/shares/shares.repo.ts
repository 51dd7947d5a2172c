import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import type { DomainEvent } from "../../../../shared/contracts/events.ts";
import type { Paging } from "../../../../shared/http/paging.ts";
import { outboxRow } from "../../../../shared/outbox/d1-store.ts";
import { writeGuarded } from "../../../../shared/outbox/guard.ts";
import {
  files,
  type Image,
  images,
  outbox,
  type Share,
  type StoredFile,
  shares,
  type Variant,
  variants,
} from "../schema.ts";

/** A share with what it opens. The image is null where the file is no photo. */
export interface SharedFile {
  share: Share;
  file: StoredFile;
  image: Image | null;
  variants: Variant[];
}

export class SharesRepo {
  readonly #db: DrizzleD1Database;

  constructor(database: D1Database) {
    this.#db = drizzle(database);
  }

  /** Writes a new share. @returns false when its file is gone or has `max` of them; nothing is written then. */
  async insert(share: Share, max: number, event: DomainEvent): Promise<boolean> {
    const hasRoom = sql`
      EXISTS (SELECT 1 FROM file WHERE id = ${share.fileId})
      AND (SELECT COUNT(*) FROM share WHERE file_id = ${share.fileId}) < ${max}`;
    return writeGuarded(this.#db, hasRoom, [
      this.#db.insert(shares).values(share),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** A file's shares, newest first, one beyond the limit so that the caller sees whether more follow. */
  async listOf(fileId: string, { limit, cursor }: Paging): Promise<Share[]> {
    const before = cursor === undefined ? undefined : lt(shares.id, cursor);
    return this.#db
      .select()
      .from(shares)
      .where(and(eq(shares.fileId, fileId), before))
      .orderBy(desc(shares.id))
      .limit(limit + 1);
  }

  async find(fileId: string, id: string): Promise<Share | null> {
    const [share] = await this.#db
      .select()
      .from(shares)
      .where(and(eq(shares.id, id), eq(shares.fileId, fileId)));
    return share ?? null;
  }

  /** Finds a share by the hash of its token, with all that it may open, in one state. */
  async findShared(tokenHash: string): Promise<SharedFile | null> {
    const isIt = eq(shares.tokenHash, tokenHash);
    const fileId = this.#db.select({ id: shares.fileId }).from(shares).where(isIt);
    const [[share], [file], [image], made] = await this.#db.batch([
      this.#db.select().from(shares).where(isIt),
      this.#db.select().from(files).where(inArray(files.id, fileId)),
      this.#db.select().from(images).where(inArray(images.id, fileId)),
      this.#db.select().from(variants).where(inArray(variants.imageId, fileId)),
    ]);
    if (share === undefined || file === undefined) return null;
    return { share, file, image: image ?? null, variants: made };
  }

  /** Counts a use. @returns false when the share was taken back meanwhile or may not be used any more. */
  async countUse(id: string, at: string): Promise<boolean> {
    const used = await this.#db
      .update(shares)
      .set(oneMore(at))
      .where(and(eq(shares.id, id), MAY_BE_USED))
      .returning();
    return used.length > 0;
  }

  /** Counts the first use, which is an event. @returns false when it was not the first; nothing is written then. */
  async countFirstUse(id: string, at: string, event: DomainEvent): Promise<boolean> {
    return writeGuarded(this.#db, sql`(SELECT uses FROM share WHERE id = ${id}) = 0`, [
      this.#db.update(shares).set(oneMore(at)).where(eq(shares.id, id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }

  /** Takes a share back. @returns false when it was used for the first time or taken back since it was read. */
  async remove({ id, uses }: Share, event: DomainEvent): Promise<boolean> {
    const hasSameEvents = sql`(SELECT uses > 0 FROM share WHERE id = ${id}) = ${uses > 0 ? 1 : 0}`;
    return writeGuarded(this.#db, hasSameEvents, [
      this.#db.delete(shares).where(eq(shares.id, id)),
      this.#db.insert(outbox).values(outboxRow(event)),
    ]);
  }
}

const MAY_BE_USED = sql`(${shares.maxUses} IS NULL OR ${shares.uses} < ${shares.maxUses})`;

function oneMore(at: string) {
  return { uses: sql`${shares.uses} + 1`, lastUsedAt: at };
}
