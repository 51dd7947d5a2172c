import { type Context, Hono } from "hono";
import * as z from "zod";
import { AuditEntry } from "../../../../shared/contracts/audit.ts";
import type { LoggedEvent } from "../../../../shared/contracts/rpc.ts";
import { type Actor, requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPageBy, PAGE_HEADERS, Paging } from "../../../../shared/http/paging.ts";
import { refuseUnknown } from "../../../../shared/http/problem.ts";
import { query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { Account } from "../check-event.ts";
import { EntriesRepo } from "../entries.repo.ts";
import type { Env } from "../env.ts";
import { entryOf, viewEntry } from "../view.ts";

type LogContext = Context<{ Bindings: Env; Variables: { actor: Actor } }>;

/** Stored times are UTC with milliseconds; a filter in the same form compares as text. */
const Instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());

/** Whose log is read: one's own, with `audit:read-all` anybody's or `system`. */
const WhoseLog = z.object({ account: Account.optional() });

const ListQuery = z.object({
  ...WhoseLog.shape,
  limit: Paging.shape.limit,
  cursor: z.coerce.number().int().nonnegative().optional(),
  action: z.string().max(64).optional(),
  resource: z.string().max(256).optional(),
  since: Instant.optional(),
  until: Instant.optional(),
});

export const logRoutes = new Hono<{ Bindings: Env }>();

logRoutes.get(
  "/",
  describe({
    summary: "List your log, latest first",
    tags: ["audit"],
    responds: { 200: z.array(AuditEntry) },
    sends: PAGE_HEADERS,
  }),
  requires("audit:read"),
  query(ListQuery),
  async (c) => {
    const { account: asked, limit, cursor, ...filter } = c.req.valid("query");
    const account = readableAccount(c, asked);
    if (account === null) return refuseUnknown(c);
    const found = await new EntriesRepo(c.env.DB).listOf(account, filter, { limit, cursor });
    return c.json(cutPageBy(c, found, limit, (entry) => String(entry.index)).map(viewEntry));
  },
);

logRoutes.get(
  "/:id",
  describe({ summary: "Read one entry of your log", tags: ["audit"], responds: { 200: AuditEntry } }),
  requires("audit:read"),
  query(WhoseLog),
  async (c) => {
    const id = c.req.param("id");
    const account = readableAccount(c, c.req.valid("query").account);
    if (account === null || !isId(id)) return refuseUnknown(c);
    // Asked of the log itself: an entry can be read before its row can be found.
    const found = await c.env.LOG.getByName(account).find(id);
    if (found === null) return refuseUnknown(c);
    const event: LoggedEvent = JSON.parse(found.body);
    return c.json(viewEntry(entryOf(event)));
  },
);

/** The account whose log the actor may read, null when it is somebody else's. */
function readableAccount(c: LogContext, asked: string | undefined): string | null {
  const { userId, permissions } = c.var.actor;
  if (asked === undefined || asked === userId) return userId;
  return permissions.has("audit:read-all") ? asked : null;
}
