/**
 * Adds a column that the database of an older object lacks; SQLite knows no ADD COLUMN IF NOT EXISTS. Objects are
 * migrated when they wake, one by one: there is no moment at which all of them could be.
 */
export function ensureColumn(sql: SqlStorage, table: string, column: string, definition: string): void {
  const columns = sql.exec<{ name: string }>("SELECT name FROM pragma_table_info(?)", table).toArray();
  if (columns.some(({ name }) => name === column)) return;
  sql.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${definition}`);
}
