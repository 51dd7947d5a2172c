import { describe, expect, test, vi } from "vitest";
import type { AuditEntry } from "../../../shared/contracts/audit.ts";
import { type DomainEvent, SYSTEM_ACCOUNT } from "../../../shared/contracts/events.ts";
import { newId } from "../../../shared/ids.ts";
import { EntriesRepo } from "../../../workers/audit/src/entries.repo.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, eventOf, eventsOf, idsOf, logOf, searchRows } from "./support.ts";

/** Appends events to their accounts' logs and waits until they can be listed. */
async function log(...events: DomainEvent[]): Promise<void> {
  for (const [account, own] of Map.groupBy(events, (event) => event.account)) {
    const already = (await searchRows(account)).length;
    await logOf(account).append(own);
    await vi.waitFor(async () => expect(await searchRows(account)).toHaveLength(already + own.length), {
      timeout: 10_000,
    });
  }
}

async function list(person: Person, query = ""): Promise<AuditEntry[]> {
  const response = await call(`/api/audit/logs${query}`, { as: person });
  expect(response.status).toBe(200);
  return response.json();
}

async function refusalOf(person: Person, path: string) {
  const response = await call(path, { as: person });
  expect(response.status).toBe(404);
  return { ...(await response.json<object>()), requestId: "" };
}

describe("the list of one's log", () => {
  test("is a bare array with the source's fields, latest first", async () => {
    const john = await signIn();
    const [first, second] = [eventOf(john.id, "user.registered"), eventOf(john.id, "file.uploaded")];
    await log(first, second);
    const entries = await list(john);
    expect(idsOf(entries)).toEqual([second.id, first.id]);
    expect(entries[0]).toEqual({
      id: second.id,
      index: 1,
      user_id: john.id,
      key_id: null,
      action: "FILE_UPLOAD",
      type: "file.uploaded",
      resource: second.resource,
      ip: "203.0.113.7",
      user_agent: "Mozilla/5.0",
      metadata: { filename: "sunset.jpg", size: 2048 },
      timestamp: second.occurredAt,
      requestId: "request-1",
    });
  });

  test("names the API key that was used, in the list and by itself", async () => {
    const john = await signIn();
    const event = eventOf(john.id);
    const keyId = newId();
    await log({ ...event, actor: { ...event.actor, keyId } });
    expect((await list(john))[0]).toMatchObject({ user_id: john.id, key_id: keyId });
    const single = await call(`/api/audit/logs/${event.id}`, { as: john });
    expect(await single.json()).toMatchObject({ user_id: john.id, key_id: keyId });
  });

  test("names no key in rows from before keys stood there", async () => {
    const john = await signIn();
    const insert = `
      INSERT INTO entry (account, idx, id, user_id, action, type, resource, metadata, occurred_at)
      VALUES (?, 0, ?, ?, 'ORDER_CREATE', 'order.created', 'an-order', '{}', '2026-01-01T12:00:00.000Z')`;
    await env.DB.prepare(insert).bind(john.id, newId(), john.id).run();
    expect((await list(john))[0]).toMatchObject({ action: "ORDER_CREATE", key_id: null });
  });

  test("names the account where no user acted", async () => {
    const john = await signIn();
    const event = eventOf(john.id, "image.completed");
    await log({ ...event, actor: { ...event.actor, userId: null } });
    expect((await list(john))[0]?.user_id).toBe(john.id);
  });

  test("goes page by page to the first entry", async () => {
    const john = await signIn();
    const events = eventsOf(john.id, 5);
    await log(...events);
    const seen: string[] = [];
    for (let query: string | null = "?limit=2"; query !== null; ) {
      const response = await call(`/api/audit/logs${query}`, { as: john });
      seen.push(...idsOf(await response.json<AuditEntry[]>()));
      const cursor = response.headers.get("X-Next-Cursor");
      if (cursor !== null) expect(response.headers.get("Link")).toContain(`cursor=${cursor}>; rel="next"`);
      query = cursor === null ? null : `?limit=2&cursor=${cursor}`;
    }
    expect(seen).toEqual(idsOf(events).reverse());
  });

  test("stays the same under other accounts' newer rows", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    await log(...eventsOf(john.id, 3));
    const before = await list(john);
    await log(...eventsOf(jane.id, 120));
    expect(await list(john)).toEqual(before);
  });

  test("can be narrowed by action, resource and time, also together", async () => {
    const john = await signIn();
    const at = (day: number) => ({ occurredAt: `2026-01-0${day}T12:00:00.000Z` });
    const order = eventOf(john.id, "order.created", at(1));
    const moved = eventOf(john.id, "order.status_changed", { ...at(2), resource: order.resource });
    const upload = eventOf(john.id, "file.uploaded", at(3));
    await log(order, moved, upload);
    const found = async (query: string) => idsOf(await list(john, query));
    expect(await found("?action=FILE_UPLOAD")).toEqual([upload.id]);
    expect(await found(`?resource=${order.resource}`)).toEqual([moved.id, order.id]);
    expect(await found("?since=2026-01-02T12:00:00Z")).toEqual([upload.id, moved.id]);
    expect(await found("?until=2026-01-02T12:00:00Z")).toEqual([moved.id, order.id]);
    expect(await found("?since=2026-01-02T14:30:00%2B02:00&until=2026-01-03T00:00:00Z")).toEqual([]);
    expect(await found(`?resource=${order.resource}&action=ORDER_CREATE`)).toEqual([order.id]);
  });

  test.each([
    ["everything", {}, "PRIMARY KEY (account=? AND idx<?)"],
    ["an action", { action: "FILE_UPLOAD" }, "COVERING INDEX entry_by_action (account=? AND action=? AND idx<?)"],
    ["a resource", { resource: "r" }, "COVERING INDEX entry_by_resource (account=? AND resource=? AND idx<?)"],
  ])("asked for %s reads its page and not the whole log", async (_what, filter, key) => {
    const plans: D1PreparedStatement[] = [];
    const explaining = {
      prepare: (text: string) => ({
        bind(...values: unknown[]) {
          plans.push(env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`).bind(...values));
          return env.DB.prepare(text).bind(...values);
        },
      }),
    } as unknown as D1Database;
    await new EntriesRepo(explaining).listOf(newId(), filter, { limit: 50, cursor: 1_000 });
    const steps = (await plans[0]?.all<{ detail: string }>())?.results.map((step) => step.detail);
    expect(steps).toContain(`SEARCH entry USING ${key}`);
    expect(steps).not.toContain("SEARCH entry USING PRIMARY KEY (account=?)");
  });

  test.each(["?limit=0", "?limit=101", "?cursor=-1", "?cursor=x", "?since=yesterday"])("refuses %s", async (query) => {
    expect((await call(`/api/audit/logs${query}`, { as: await signIn() })).status).toBe(422);
  });
});

describe("one entry", () => {
  test("can be read by its id as soon as it stands in the log", async () => {
    const john = await signIn();
    const event = eventOf(john.id);
    await logOf(john.id).append([event]);
    const response = await call(`/api/audit/logs/${event.id}`, { as: john });
    expect(await response.json()).toMatchObject({ id: event.id, index: 0, action: "ORDER_CREATE", user_id: john.id });
  });

  test("of somebody else is answered exactly like one that does not exist", async () => {
    const [john, stranger] = [await signIn(), await signIn()];
    const event = eventOf(john.id);
    await logOf(john.id).append([event]);
    const unknown = await refusalOf(stranger, `/api/audit/logs/${newId()}`);
    expect(await refusalOf(stranger, `/api/audit/logs/${event.id}`)).toEqual(unknown);
    expect(await refusalOf(stranger, `/api/audit/logs/${event.id}?account=${john.id}`)).toEqual(unknown);
    expect(await refusalOf(stranger, "/api/audit/logs/not-an-id")).toEqual(unknown);
  });
});

describe("somebody else's log", () => {
  test("is never listed", async () => {
    const [john, stranger] = [await signIn(), await signIn()];
    await log(eventOf(john.id));
    expect(await list(stranger)).toEqual([]);
    const unknown = await refusalOf(stranger, `/api/audit/logs?account=${newId()}`);
    expect(await refusalOf(stranger, `/api/audit/logs?account=${john.id}`)).toEqual(unknown);
    expect(await refusalOf(stranger, `/api/audit/logs?account=${SYSTEM_ACCOUNT}`)).toEqual(unknown);
  });

  test("can be read by an admin, and so can the system's", async () => {
    const [john, admin] = [await signIn(), await signIn("admin")];
    const [own, failed] = [eventOf(john.id), eventOf(SYSTEM_ACCOUNT, "login.failed")];
    await log(own, failed);
    expect(await list(admin)).toEqual([]);
    expect(idsOf(await list(admin, `?account=${john.id}`))).toEqual([own.id]);
    expect((await list(admin, `?account=${SYSTEM_ACCOUNT}`))[0]).toMatchObject({ action: "LOGIN_FAILED" });
    expect((await call(`/api/audit/logs/${own.id}?account=${john.id}`, { as: admin })).status).toBe(200);
  });
});

describe("the door", () => {
  test("answers 401 to a stranger, says that it is healthy and describes its routes", async () => {
    expect((await call("/api/audit/logs")).status).toBe(401);
    expect(await (await call("/health")).json()).toMatchObject({ status: "healthy", service: "audit" });
    const document = await (await call("/openapi.json")).json<{ paths: Record<string, object> }>();
    expect(Object.keys(document.paths)).toEqual([
      "/api/audit/logs",
      "/api/audit/logs/{id}",
      "/api/users/me/export",
      "/api/exports/{id}",
      "/api/exports/{id}/photos.zip",
      "/api/exports/{id}/{part}",
      "/api/admin/events",
      "/api/admin/events/redrive",
    ]);
  });
});
