import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SQLITE_COMPANIONS = ["", "-wal", "-shm"];
/** The runtime may be writing while its file is copied; then the copy is taken again. */
const COPY_ATTEMPTS = 10;

/**
 * What lies on the disk of a local copy, read without sending it any request. The files are copied first, so that the
 * running product is never disturbed.
 */
export class Disk {
  readonly #state: string;

  /** @param state the folder that was given to `startHalftone` */
  constructor(state: string) {
    this.#state = state;
  }

  /** Rows of whichever local D1 database has the table. */
  rows<Row>(sql: string): Row[] {
    return this.#query<Row>(join(this.#state, "v3/d1/miniflare-D1DatabaseObject"), sql);
  }

  /** Rows of all objects of one Durable Object class, such as `halftone-audit-Log`. */
  objectRows<Row>(className: string, sql: string): Row[] {
    return this.#query<Row>(join(this.#state, "v3/do", className), sql);
  }

  /** The keys of everything in the buckets. */
  storedKeys(): string[] {
    const folder = join(this.#state, "v3/r2/miniflare-R2BucketObject");
    const rows = this.#query<{ key: string }>(folder, "SELECT key FROM _mf_objects ORDER BY key");
    return rows.map(({ key }) => key);
  }

  /** Changes the local D1 database that has the table, as somebody's hand would. */
  change(table: string, sql: string): void {
    changeFiles(join(this.#state, "v3/d1/miniflare-D1DatabaseObject"), table, sql);
  }

  /** Takes an object out of its bucket. */
  removeObject(key: string): void {
    const sql = `DELETE FROM _mf_objects WHERE key = '${key}'`;
    changeFiles(join(this.#state, "v3/r2/miniflare-R2BucketObject"), "_mf_objects", sql);
  }

  /** Writes to the local D1 database that has the table for as long as the work takes, so that nobody else can. */
  async hold(table: string, work: () => Promise<void>): Promise<void> {
    const folder = join(this.#state, "v3/d1/miniflare-D1DatabaseObject");
    for (const database of databasesWith(folder, table)) {
      try {
        database.exec("BEGIN IMMEDIATE");
        await work();
        database.exec("ROLLBACK");
      } finally {
        database.close();
      }
    }
  }

  #query<Row>(folder: string, sql: string): Row[] {
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
    return files.flatMap((name) => readCopy<Row>(join(folder, name), sql));
  }
}

/** How long a change waits for the runtime to finish one of its own. */
const BUSY_MS = 5_000;

function changeFiles(folder: string, table: string, sql: string): void {
  for (const database of databasesWith(folder, table)) {
    try {
      database.exec(sql);
    } finally {
      database.close();
    }
  }
}

/** The databases of a folder that have a table, open. */
function databasesWith(folder: string, table: string): DatabaseSync[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  const databases = files.map((name) => new DatabaseSync(join(folder, name), { timeout: BUSY_MS }));
  return databases.filter((database) => {
    const [found] = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").all(table);
    if (found === undefined) database.close();
    return found !== undefined;
  });
}

function readCopy<Row>(file: string, sql: string): Row[] {
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), "halftone-disk-"));
    try {
      for (const suffix of SQLITE_COMPANIONS) {
        if (existsSync(file + suffix)) copyFileSync(file + suffix, join(folder, `copy.sqlite${suffix}`));
      }
      const database = new DatabaseSync(join(folder, "copy.sqlite"));
      try {
        return database.prepare(sql).all() as Row[];
      } finally {
        database.close();
      }
    } catch (error) {
      if (String(error).includes("no such table")) return [];
      if (attempt === COPY_ATTEMPTS) throw error;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
