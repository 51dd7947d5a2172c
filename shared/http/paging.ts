import type { Context } from "hono";
import * as z from "zod";

const PAGE_MAX = 100;
const PAGE_DEFAULT = 50;

/** `?limit&cursor` of every list (C11). The cursor is the last id of the page before; ids sort by time. */
export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  cursor: z.string().max(64).optional(),
});
export type Paging = z.output<typeof Paging>;

/** How a list's route describes what `cutPage` sends. */
export const PAGE_HEADERS = { 200: ["Link", "X-Next-Cursor"] } as const;

/**
 * Cuts a page off rows that were read one beyond the limit, and names the next page in `Link` (RFC 8288) and
 * `X-Next-Cursor`, so that the body keeps its shape.
 */
export function cutPage<Row extends { id: string }>(c: Context, rows: Row[], { limit }: Paging): Row[] {
  return cutPageBy(c, rows, limit, (row) => row.id);
}

/** The same for lists whose cursor is something else than the id. */
export function cutPageBy<Row>(c: Context, rows: Row[], limit: number, cursorOf: (row: Row) => string): Row[] {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return page;
  const cursor = cursorOf(last);
  const next = new URL(c.req.url);
  next.searchParams.set("cursor", cursor);
  c.header("Link", `<${next.pathname}${next.search}>; rel="next"`);
  c.header("X-Next-Cursor", cursor);
  return page;
}
