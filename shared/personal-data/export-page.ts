import type { ExportPage } from "../contracts/rpc.ts";

/**
 * A page of an export as JSON lines.
 * @param next the cursor of the next page, null where this is the last
 */
export function exportPage(records: object[], next: string | null): ExportPage {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  return { lines, records: records.length, next };
}

/** The same for rows that were read one beyond the limit. @param cursorOf names the row that the next page begins after */
export function exportPageOf<Row>(
  rows: Row[],
  limit: number,
  recordOf: (row: Row) => object,
  cursorOf: (row: Row) => string,
): ExportPage {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorOf(last) : null;
  return exportPage(page.map(recordOf), next);
}
