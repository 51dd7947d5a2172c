import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { Sample } from "../../../shared/contracts/metrics.ts";
import { newId } from "../../../shared/ids.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { ABSOLUTE_LIFETIME_MS, GRACE_MS, LIVE_SESSIONS_MAX } from "../../../workers/auth/src/sessions/session-rules.ts";
import { UserSessions } from "../../../workers/auth/src/sessions/user-sessions.do.ts";
import { call } from "../call.ts";
import { authEnv, NOTHING_SETTLED, NOWHERE, register, rpc, sessionEvents, sessionsOf } from "./people.ts";

const DAY_MS = 86_400_000;

/** The sessions of somebody new, with one opened at a time of the test's choosing. */
async function openSession(now = Date.now()) {
  const userId = newId();
  const sessions = sessionsOf(userId);
  const { sessionId } = await sessions.open(userId, "login", NOWHERE, now);
  const rotate = async (counter: number, at: number) => {
    const rotated = await sessions.rotate(sessionId, counter, NOWHERE, at);
    return rotated.ok ? rotated.value.counter : rotated.failure.code;
  };
  return { userId, sessionId, sessions, rotate };
}

describe("a session's refresh tokens", () => {
  test("are answered once more within ten seconds, with the same successor", async () => {
    const start = Date.now();
    const { rotate } = await openSession(start);
    expect(await rotate(1, start)).toBe(2);
    expect(await rotate(1, start + GRACE_MS)).toBe(2);
    expect(await rotate(2, start + GRACE_MS)).toBe(3);
  });

  test("end the session when the one before comes after ten seconds", async () => {
    const start = Date.now();
    const { rotate } = await openSession(start);
    expect(await rotate(1, start)).toBe(2);
    expect(await rotate(1, start + GRACE_MS + 1)).toBe("invalid_refresh_token");
    expect(await rotate(2, start + GRACE_MS + 2)).toBe("invalid_refresh_token");
  });

  test("have a grace of ten seconds that does not reach two generations back", async () => {
    const start = Date.now();
    const { rotate } = await openSession(start);
    expect(await rotate(1, start)).toBe(2);
    expect(await rotate(2, start)).toBe(3);
    expect(await rotate(1, start)).toBe("invalid_refresh_token");
    expect(await rotate(3, start)).toBe("invalid_refresh_token");
  });

  test("end the session when they come from a generation that was never given out", async () => {
    const start = Date.now();
    const { rotate } = await openSession(start);
    expect(await rotate(2, start)).toBe("invalid_refresh_token");
    expect(await rotate(1, start)).toBe("invalid_refresh_token");
  });

  test("run out after seven idle days, and each use begins them anew", async () => {
    const start = Date.now();
    const { rotate } = await openSession(start);
    expect(await rotate(1, start + 6 * DAY_MS)).toBe(2);
    expect(await rotate(2, start + 12 * DAY_MS)).toBe(3);
    expect(await rotate(3, start + 19 * DAY_MS)).toBe("invalid_refresh_token");
  });

  test("run out after thirty days, however often they are used", async () => {
    const start = Date.now();
    const { rotate } = await openSession(start);
    const used = [];
    for (let day = 6; day < 30; day += 6) used.push(await rotate(used.length + 1, start + day * DAY_MS));
    expect(used).toEqual([2, 3, 4, 5]);
    expect(await rotate(5, start + ABSOLUTE_LIFETIME_MS)).toBe("invalid_refresh_token");
  });
});

describe("the sessions of one user", () => {
  test("are a hundred at most: the oldest gives way", async () => {
    const start = Date.now();
    const { userId, sessions, rotate, sessionId } = await openSession(start);
    for (let i = 1; i <= LIVE_SESSIONS_MAX; i++) await sessions.open(userId, "login", NOWHERE, start + i);
    expect(await rotate(1, start + LIVE_SESSIONS_MAX)).toBe("invalid_refresh_token");
    const revoked = (await sessionEvents(userId)).filter((event) => event.type === "session.revoked");
    expect(revoked).toMatchObject([{ resource: sessionId, sequence: 2, metadata: { reason: "session_limit" } }]);
  });

  test("are forgotten when their last moment has passed", async () => {
    const start = Date.now();
    const { userId, sessions } = await openSession(start);
    await sessions.open(userId, "login", NOWHERE, start + ABSOLUTE_LIFETIME_MS);
    const rows = await runInDurableObject(sessions, (_instance, state) =>
      state.storage.sql.exec("SELECT id FROM session").toArray(),
    );
    expect(rows).toHaveLength(1);
  });

  test("survive the end of their object", async () => {
    const start = Date.now();
    const { sessions, rotate } = await openSession(start);
    await evictDurableObject(sessions);
    expect(await rotate(1, start)).toBe(2);
  });
});

describe("the events of a user's sessions", () => {
  test("wait until they are settled, and are announced by the alarm until then", async () => {
    const { userId, sessions } = await openSession();
    expect(await runDurableObjectAlarm(sessions)).toBe(true);
    const events = await sessionEvents(userId);
    expect(events).toMatchObject([{ type: "session.opened", account: userId, actor: { ip: NOWHERE.ip } }]);
    const settlement = { appended: events.map((event) => event.id), refused: [] };
    expect(await rpc.OutboxService.takeEvents(userId, settlement, 10)).toEqual([]);
    expect(await runDurableObjectAlarm(sessions)).toBe(false);
  });

  test("that the log refuses three times are set aside in the database, counted, and offered again from there", async () => {
    const { userId, sessions } = await openSession();
    const [bad] = await sessionEvents(userId);
    const id = bad?.id ?? "";
    const { sessionId } = await sessions.open(userId, "login", NOWHERE);
    const refusal = { appended: [], refused: [{ id, reason: "cannot be read" }] };
    for (let round = 0; round < 3; round++) await rpc.OutboxService.takeEvents(userId, refusal, 0);
    expect(await sessionEvents(userId)).toMatchObject([{ resource: sessionId }]);

    // Cut off before it was moved: the alarm does it.
    await evictDurableObject(sessions);
    for (let twice = 0; twice < 2; twice++) expect(await runDurableObjectAlarm(sessions)).toBe(true);
    expect(await new D1OutboxStore(authEnv.DB).setAside(10)).toMatchObject([{ id, reason: "cannot be read" }]);
    const samples = await (await call("/gauges")).json<Sample[]>();
    expect(samples).toContainEqual({ name: "halftone_outbox_set_aside", labels: { service: "auth" }, value: 1 });
    expect(await sessionEvents(userId)).toMatchObject([{ resource: sessionId }]);

    await authEnv.DB.prepare("UPDATE outbox SET set_aside = NULL, tries = 0, retry_at = 0").run();
    expect(await rpc.OutboxService.takeEvents(null, NOTHING_SETTLED, 10)).toEqual([bad]);
  });

  test("that were set aside leave no alarm behind once the database has them", async () => {
    const { userId, sessions } = await openSession();
    const refused = (await sessionEvents(userId)).map(({ id }) => ({ id, reason: "cannot be read" }));
    for (let round = 0; round < 3; round++) await rpc.OutboxService.takeEvents(userId, { appended: [], refused }, 0);
    expect(await runDurableObjectAlarm(sessions)).toBe(true);
    expect(await runDurableObjectAlarm(sessions)).toBe(false);
  });

  test("are given to audit by the user's id, those of the database under null", async () => {
    const { id } = await register();
    const outbox = rpc.OutboxService;
    expect(await outbox.takeEvents(id, NOTHING_SETTLED, 10)).toMatchObject([{ type: "session.opened" }]);
    const [registered] = await outbox.takeEvents(null, NOTHING_SETTLED, 10);
    expect(registered).toMatchObject({ type: "user.registered" });
    expect(await outbox.takeEvents(null, { appended: [registered?.id ?? ""], refused: [] }, 10)).toEqual([]);
  });
});

describe("ended sessions", () => {
  const published = async () => (await rpc.AuthService.revocations(0)).revocations.map(({ sessionId }) => sessionId);

  test("are published before the answer, until the longest-lived token has run out", async () => {
    const { sessions, sessionId } = await openSession();
    const now = Date.now();
    expect(await sessions.end(sessionId, "ended_by_user", NOWHERE, now)).toBe(true);
    const { revocations } = await rpc.AuthService.revocations(0);
    expect(revocations).toEqual([{ sessionId, until: now + DAY_MS + 60_000 }]);
    expect(await sessions.end(sessionId, "ended_by_user", NOWHERE, now)).toBe(false);
    expect(await published()).toEqual([sessionId]);
  });

  test("are read on from a cursor, in the order of their ends", async () => {
    const [one, two] = [await openSession(), await openSession()];
    await one.sessions.end(one.sessionId, "ended_by_user", NOWHERE);
    const first = await rpc.AuthService.revocations(0);
    await two.sessions.end(two.sessionId, "ended_by_user", NOWHERE);
    const second = await rpc.AuthService.revocations(first.cursor);
    expect(second.revocations.map((each) => each.sessionId)).toEqual([two.sessionId]);
    const third = await rpc.AuthService.revocations(second.cursor);
    expect(third).toEqual({ revocations: [], cursor: second.cursor });
  });

  test("leave the list when no token of theirs can be alive", async () => {
    const old = await openSession();
    await old.sessions.end(old.sessionId, "ended_by_user", NOWHERE, Date.now() - 2 * DAY_MS);
    expect(await published()).toEqual([]);
    const { sessions, sessionId } = await openSession();
    await sessions.end(sessionId, "ended_by_user", NOWHERE);
    const { results } = await authEnv.DB.prepare("SELECT session_id FROM revocation").all();
    expect(results).toEqual([{ session_id: sessionId }]);
  });

  test("are published by the alarm when the list could not be written", async () => {
    const { sessions, sessionId } = await openSession();
    await runInDurableObject(sessions, async (_instance, state) => {
      const cutOff = new UserSessions(state, { ...authEnv, DB: {} as D1Database });
      expect(await cutOff.end(sessionId, "ended_by_user", NOWHERE)).toBe(true);
    });
    expect(await sessions.isLive(sessionId)).toBe(false);
    expect(await published()).toEqual([]);
    await evictDurableObject(sessions);
    await runDurableObjectAlarm(sessions);
    expect(await published()).toEqual([sessionId]);
  });

  test("can be all, or all but one, and are counted", async () => {
    const { userId, sessions, sessionId } = await openSession();
    for (let i = 0; i < 3; i++) await sessions.open(userId, "login", NOWHERE);
    expect(await sessions.endAll("password_changed", NOWHERE, sessionId)).toBe(3);
    expect((await sessions.live()).map(({ id }) => id)).toEqual([sessionId]);
    expect(await sessions.endAll("ended_by_user", NOWHERE)).toBe(1);
    expect(await sessions.endAll("ended_by_user", NOWHERE)).toBe(0);
    expect((await published()).length).toBe(4);
  });

  test("are published when a reused refresh token ends them", async () => {
    const { sessions, sessionId } = await openSession();
    await sessions.rotate(sessionId, 7, NOWHERE);
    await vi.waitFor(async () => expect(await published()).toEqual([sessionId]));
  });

  test("are forgotten with an erased account, but stay published", async () => {
    const { userId, sessions, sessionId } = await openSession();
    await sessions.erase(NOWHERE);
    expect(await sessions.live()).toEqual([]);
    expect(await sessions.lastSeenAt()).toBeNull();
    expect(await published()).toEqual([sessionId]);
    const events = await sessionEvents(userId);
    expect(events.at(-1)).toMatchObject({ type: "session.revoked", metadata: { reason: "account_erased" } });
  });
});

test("an object of an earlier version learns the new columns and keeps its sessions", async () => {
  const { sessions, sessionId } = await openSession();
  await runInDurableObject(sessions, (_instance, state) => {
    state.storage.sql.exec("ALTER TABLE session DROP COLUMN kind");
    state.storage.sql.exec("ALTER TABLE session DROP COLUMN secret_hash");
  });
  await evictDurableObject(sessions);
  expect(await sessions.live()).toMatchObject([{ id: sessionId, kind: "session", secretHash: null }]);
});
