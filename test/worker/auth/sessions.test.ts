import { describe, expect, test } from "vitest";
import type { SessionView } from "../../../shared/contracts/sessions.ts";
import type { SignedIn } from "../../../shared/contracts/users.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { PASSWORD, problemOf, type Registered, refresh, register, rpc, sessionEvents, sessionsOf } from "./people.ts";

/** A second sign-in of somebody. */
async function signInAgain({ email }: Registered): Promise<Registered> {
  const response = await call("/login", { json: { email, password: PASSWORD }, headers: { "User-Agent": "a phone" } });
  const signedIn = await response.json<SignedIn>();
  return { id: signedIn.userId, email, headers: { Authorization: `Bearer ${signedIn.accessToken}` }, signedIn };
}

async function listOf(person: Registered): Promise<SessionView[]> {
  const response = await call(`/api/sessions/${person.id}`, { as: person });
  expect(response.status).toBe(200);
  return response.json();
}

async function publishedIds(): Promise<string[]> {
  const { revocations } = await rpc.AuthService.revocations(0);
  return revocations.map(({ sessionId }) => sessionId);
}

function claimsOf(person: Registered): { sid: string } {
  return JSON.parse(atob(person.signedIn.accessToken.split(".")[1] ?? ""));
}

describe("the list of your sessions", () => {
  test("names each live one, where it came from and which one is asking", async () => {
    const john = await register();
    const phone = await signInAgain(john);
    const list = await listOf(phone);
    expect(list.map(({ method, userAgent, current }) => ({ method, userAgent, current }))).toEqual([
      { method: "register", userAgent: null, current: false },
      { method: "login", userAgent: "a phone", current: true },
    ]);
    for (const session of list) {
      expect(session).toMatchObject({ userId: john.id, kind: "session" });
      expect(Date.parse(session.createdAt)).toBeLessThanOrEqual(Date.parse(session.lastSeenAt));
      expect(session).not.toHaveProperty("secretHash");
    }
    const one = await call(`/api/sessions/${john.id}/${list[0]?.id}`, { as: phone });
    expect(await one.json()).toEqual(list[0]);
  });

  test("is nobody else's: an admin's, a stranger's and a random id look the same", async () => {
    const [john, other] = [await register(), await register("other@example.com")];
    const unknown = await problemOf(await call(`/api/sessions/${newId()}`, { as: other }));
    const johns = claimsOf(john).sid;
    for (const [method, path] of [
      ["GET", `/api/sessions/${john.id}`],
      ["DELETE", `/api/sessions/${john.id}`],
      ["GET", `/api/sessions/${john.id}/${johns}`],
      ["DELETE", `/api/sessions/${john.id}/${johns}`],
      ["DELETE", `/api/sessions/${other.id}/${johns}`],
    ] as const) {
      const response = await call(path, { as: other, method });
      expect([path, response.status, await problemOf(response)]).toEqual([path, 404, unknown]);
    }
    const touch = await call(`/api/sessions/${john.id}`, { as: other, method: "PUT", json: {} });
    expect([touch.status, await problemOf(touch)]).toEqual([404, unknown]);
    expect(await listOf(john)).toHaveLength(1);
  });
});

describe("a session in use", () => {
  test("is recorded as the caller's own, and takes no fields", async () => {
    const john = await register();
    const response = await call("/api/sessions", { as: john, json: {} });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ id: claimsOf(john).sid, userId: john.id });
    expect((await call("/api/sessions", { as: john, json: { userId: newId() } })).status).toBe(422);
    expect((await call("/api/sessions", { json: {} })).status).toBe(401);
    expect(await listOf(john)).toHaveLength(1);
  });

  test("is seen when it says so, at most once a minute", async () => {
    const john = await register();
    const [opened] = await listOf(john);
    const put = await call(`/api/sessions/${john.id}`, { as: john, method: "PUT", json: {} });
    expect(await put.json()).toEqual({ userId: john.id });
    expect(await listOf(john)).toEqual([opened]);

    const later = Date.parse(opened?.lastSeenAt ?? "") + 61_000;
    await sessionsOf(john.id).touch(claimsOf(john).sid, later);
    expect((await listOf(john))[0]?.lastSeenAt).toBe(new Date(later).toISOString());
  });

  test("is verified with the session itself, so that an end counts at once", async () => {
    const john = await register();
    const verify = () => call("/api/sessions/verify", { as: john });
    const good = { userId: john.id, sessionId: claimsOf(john).sid, keyId: null, role: "user" };
    expect(await (await verify()).json()).toEqual(good);
    await call("/api/auth/logout", { as: john, method: "POST" });
    expect((await verify()).status).toBe(401);
  });

  test("tells when its user was seen last; asking does not count", async () => {
    const john = await register();
    const ask = async () => (await call("/last-connection", { as: john })).json<{ lastConnection: string }>();
    const first = await ask();
    expect(first).toEqual({ userId: john.id, lastConnection: (await listOf(john))[0]?.lastSeenAt });
    expect(await ask()).toEqual(first);
    await signInAgain(john);
    expect((await ask()).lastConnection > first.lastConnection).toBe(true);
    expect((await call("/last-connection")).status).toBe(401);
  });
});

describe("ending sessions", () => {
  test("ends one: it refreshes no more, is published, and the others go on", async () => {
    const john = await register();
    const phone = await signInAgain(john);
    const lost = claimsOf(phone).sid;
    const path = `/api/sessions/${john.id}/${lost}`;
    expect((await call(path, { as: john, method: "DELETE" })).status).toBe(204);
    expect((await call(path, { as: john, method: "DELETE" })).status).toBe(404);
    expect((await refresh(phone.signedIn.refreshToken)).status).toBe(401);
    expect((await refresh(john.signedIn.refreshToken)).status).toBe(200);
    expect(await publishedIds()).toEqual([lost]);
  });

  test("ends all, the caller's own too, which sensitive routes know at once", async () => {
    const john = await register();
    await signInAgain(john);
    const response = await call(`/api/sessions/${john.id}`, { as: john, method: "DELETE" });
    expect(await response.json()).toEqual({ userId: john.id, ended: 2 });
    const refused = await call(`/api/sessions/${john.id}`, { as: john });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect((await publishedIds()).length).toBe(2);
  });

  test("ends all but the caller's own with ?except=current", async () => {
    const john = await register();
    const phone = await signInAgain(john);
    const response = await call(`/api/sessions/${john.id}?except=current`, { as: phone, method: "DELETE" });
    expect(await response.json()).toEqual({ userId: john.id, ended: 1 });
    expect((await listOf(phone)).map(({ id }) => id)).toEqual([claimsOf(phone).sid]);
    expect(await publishedIds()).toEqual([claimsOf(john).sid]);
    const other = await call(`/api/sessions/${john.id}?except=${newId()}`, { as: phone, method: "DELETE" });
    expect(other.status).toBe(422);
  });

  test("writes who ended it, from where and why", async () => {
    const john = await register();
    const phone = await signInAgain(john);
    const headers = { ...john.headers, "CF-Connecting-IP": "203.0.113.9", "User-Agent": "a laptop" };
    await call(`/api/sessions/${john.id}/${claimsOf(phone).sid}`, { method: "DELETE", headers });
    expect((await sessionEvents(john.id)).at(-1)).toMatchObject({
      type: "session.revoked",
      resource: claimsOf(phone).sid,
      actor: { userId: john.id, sessionId: claimsOf(john).sid, ip: "203.0.113.9", userAgent: "a laptop" },
      metadata: { reason: "ended_by_user" },
    });
  });
});

describe("logging out", () => {
  test.each(["/logout", "/auth/logout", "/api/logout", "/api/auth/logout", "/api/users/logout"])(
    "ends the session on %s",
    async (path) => {
      const john = await register();
      const response = await call(path, { as: john, method: "POST" });
      expect(response.status).toBe(204);
      expect(response.headers.get("Set-Cookie")).toMatch(/^__Host-halftone=; Max-Age=0/);
      expect((await refresh(john.signedIn.refreshToken)).status).toBe(401);
      expect((await call(path, { as: john, method: "POST" })).status).toBe(204);
    },
  );

  test("takes a refresh token of any generation instead", async () => {
    const { signedIn } = await register();
    const { refreshToken } = await (await refresh(signedIn.refreshToken)).json<SignedIn>();
    const response = await call("/logout", { json: { refreshToken: signedIn.refreshToken } });
    expect(response.status).toBe(204);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test("refuses strangers, forged tokens and other bodies", async () => {
    const { signedIn } = await register();
    const forged = `${signedIn.refreshToken.slice(0, -1)}!`;
    expect((await call("/logout", { method: "POST" })).status).toBe(401);
    expect((await call("/logout", { json: { refreshToken: forged } })).status).toBe(401);
    expect((await call("/logout", { json: { all: true } })).status).toBe(422);
    expect((await call("/logout", { body: "all=1", headers: { "Content-Type": "text/plain" } })).status).toBe(415);
    expect((await refresh(signedIn.refreshToken)).status).toBe(200);
  });
});
