/** What was counted of one series, whose key is the JSON of its name and labels. */
export interface SeriesCount {
  key: string;
  value: number;
}

const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS series (
    key TEXT PRIMARY KEY,
    value REAL NOT NULL
  ) WITHOUT ROWID`;

const ADD = `
  INSERT INTO series (key, value) VALUES (?, ?)
  ON CONFLICT (key) DO UPDATE SET value = value + excluded.value`;

/** Counters that outlive every isolate. */
export class MetricsRepo {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(CREATE_TABLE);
  }

  add(counts: SeriesCount[]): void {
    for (const { key, value } of counts) this.#sql.exec(ADD, key, value);
  }

  all(): SeriesCount[] {
    return this.#sql
      .exec<{ key: string; value: number }>("SELECT key, value FROM series ORDER BY key")
      .toArray()
      .map(({ key, value }) => ({ key, value }));
  }
}
