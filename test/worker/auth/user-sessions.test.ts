import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { ABSOLUTE_LIFETIME_MS, GRACE_MS, LIVE_SESSIONS_MAX } from "../../../workers/auth/src/session-rules.ts";
import { NOTHING_SETTLED, NOWHERE, register, rpc, sessionEvents, sessionsOf } from "./people.ts";

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

  test("are given to audit by the user's id, those of the database under null", async () => {
    const { id } = await register();
    const outbox = rpc.OutboxService;
    expect(await outbox.takeEvents(id, NOTHING_SETTLED, 10)).toMatchObject([{ type: "session.opened" }]);
    const [registered] = await outbox.takeEvents(null, NOTHING_SETTLED, 10);
    expect(registered).toMatchObject({ type: "user.registered" });
    expect(await outbox.takeEvents(null, { appended: [registered?.id ?? ""], refused: [] }, 10)).toEqual([]);
  });
});
