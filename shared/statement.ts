import { getTableColumns, is, Param, Placeholder, type SQLWrapper, sql } from "drizzle-orm";
import { SQLiteAsyncDialect, type SQLiteTable } from "drizzle-orm/sqlite-core";

/** A statement of a D1 batch whose SQL is built once in an isolate: the query builder's work costs as much as D1's. */
export type Statement<Values> = (database: D1Database, values: Values) => D1PreparedStatement;

type Values = Record<string, unknown>;

const dialect = new SQLiteAsyncDialect();

/** A query whose values are placeholders, each bound by its name. */
export function statement<Named extends Values>(query: SQLWrapper): Statement<Named> {
  const { sql: text, params } = dialect.sqlToQuery(query.getSQL());
  const readers = params.map(readerOf);
  return (database, values) => database.prepare(text).bind(...readers.map((read) => read(values)));
}

/** Inserts a row, every column of which is named. @param onConflict what follows, such as `ON CONFLICT DO NOTHING` */
export function insertInto<Row extends Values>(
  table: SQLiteTable & { $inferSelect: Row },
  onConflict = sql.empty(),
): Statement<Row> {
  const columns = Object.entries(getTableColumns(table));
  const names = columns.map(([, column]) => sql.identifier(column.name));
  const row = columns.map(([key, column]) => sql.param(sql.placeholder(key), column));
  return statement(
    sql`INSERT INTO ${table} (${sql.join(names, COMMA)}) VALUES (${sql.join(row, COMMA)}) ${onConflict}`,
  );
}

const COMMA = sql.raw(", ");

/** A query that is built for this once, for a batch of statements. */
export function statementOf(database: D1Database, query: SQLWrapper): D1PreparedStatement {
  return statement(query)(database, {});
}

/** What a parameter is bound to. The library's own reading of placeholders writes a null of a JSON column as text. */
function readerOf(param: unknown): (values: Values) => unknown {
  if (is(param, Placeholder)) return (values) => values[param.name];
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param;
  const { encoder } = param;
  const { name } = param.value;
  return (values) => (values[name] === null ? null : encoder.mapToDriverValue(values[name]));
}
