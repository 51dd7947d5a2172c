import { describe, expect, test } from "vitest";
import type { CredentialUse } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { authApi } from "../../../workers/auth/src/auth-service.ts";
import { newSecret, readCredential, writeCredential } from "../../../workers/auth/src/sessions/credentials.ts";
import { SEEN_EVERY_MS } from "../../../workers/auth/src/sessions/session-rules.ts";
import { call } from "../call.ts";
import { authEnv, PASSWORD, rpc, sessionsOf } from "./people.ts";

const USE: CredentialUse = {
  ip: null,
  userAgent: null,
  method: "GET",
  url: "http://halftone.test/profile",
  headers: [],
};
const BY_COOKIE = { "X-Session-Mode": "cookie" };

/** Somebody who registered in a browser: the cookie's value and what the answer said. */
async function registerInBrowser(email = "jane@example.com") {
  const response = await call("/api/users/register", { json: { email, password: PASSWORD }, headers: BY_COOKIE });
  expect(response.status).toBe(201);
  const setCookie = response.headers.get("Set-Cookie") ?? "";
  const value = /^__Host-halftone=([^;]+)/.exec(setCookie)?.[1] ?? "";
  return { setCookie, value, body: await response.json<{ userId: string }>() };
}

const exchange = (credential: string) => rpc.AuthService.exchange(credential, USE);

describe("signing in with X-Session-Mode: cookie", () => {
  test("sets one cookie that only this host's pages send and no script reads, and shows no token", async () => {
    const { setCookie, value, body } = await registerInBrowser();
    for (const part of ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"]) expect(setCookie).toContain(part);
    expect(setCookie).not.toContain("Domain");
    expect(readCredential(value)).toMatchObject({ kind: "cookie", userId: body.userId });
    expect(Object.keys(body).sort()).toEqual(["email", "message", "user", "userId"]);
  });

  test("works for login too, and is a session like any other", async () => {
    const { value } = await registerInBrowser();
    const headers = { ...BY_COOKIE, "User-Agent": "a browser" };
    const response = await call("/login", { json: { email: "jane@example.com", password: PASSWORD }, headers });
    expect(response.status).toBe(200);
    const userId = readCredential(value)?.userId ?? "";
    const kinds = (await sessionsOf(userId).live()).map(({ kind, method, userAgent }) => [kind, method, userAgent]);
    expect(kinds).toEqual([
      ["cookie", "register", null],
      ["cookie", "login", "a browser"],
    ]);
  });
});

describe("a session cookie", () => {
  test("is traded for a token of its user that lives two minutes and is used for one", async () => {
    const { value, body } = await registerInBrowser();
    const exchanged = await exchange(value);
    if (!exchanged.ok) throw new Error(exchanged.failure.detail);
    const { accessToken, freshUntil, everyRequest, userId, sessionId } = exchanged.value;
    expect({ userId, sessionId, everyRequest }).toEqual({
      userId: body.userId,
      sessionId: readCredential(value)?.sessionId,
      everyRequest: false,
    });
    expect(freshUntil - Date.now()).toBeLessThanOrEqual(60_000);
    const claims = JSON.parse(atob(accessToken.split(".")[1] ?? ""));
    const [session] = await sessionsOf(userId).live();
    expect(exchanged.value.expiresAt).toBe(session?.idleExpiresAt);
    const cred_exp = Math.floor((session?.idleExpiresAt ?? 0) / 1_000);
    expect(claims).toMatchObject({ sub: userId, sid: sessionId, role: "user", cred_exp });
    expect(claims.exp - claims.iat).toBe(120);
    const profile = await call("/profile", { headers: { Authorization: `Bearer ${accessToken}` } });
    expect(profile.status).toBe(200);
  });

  test("is worth nothing when it is wrong, another session's, another user's or of another kind", async () => {
    const [jane, john] = [await registerInBrowser(), await registerInBrowser("john@example.com")];
    const { userId, sessionId, secret } = readCredential(jane.value) ?? { userId: "", sessionId: "", secret: "" };
    const hostile = [
      "",
      "cookie",
      `${jane.value}A`,
      jane.value.slice(0, -1),
      ` ${jane.value}`,
      jane.value.toUpperCase(),
      jane.value.replace("cookie.v1", "cookie.v2"),
      writeCredential("key", userId, sessionId, secret),
      writeCredential("cookie", userId, sessionId, newSecret()),
      writeCredential("cookie", userId, newId(), secret),
      writeCredential("cookie", readCredential(john.value)?.userId ?? "", sessionId, secret),
      writeCredential("cookie", newId(), sessionId, secret),
    ];
    for (const text of hostile) {
      const refused = await exchange(text);
      expect([text, refused]).toMatchObject([text, { ok: false, failure: { code: "invalid_credential" } }]);
    }
  });

  test("ends with its session", async () => {
    const { value } = await registerInBrowser();
    const exchanged = await exchange(value);
    const token = exchanged.ok ? exchanged.value.accessToken : "";
    const logout = await call("/logout", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    expect(logout.status).toBe(204);
    expect((await exchange(value)).ok).toBe(false);
    const { revocations } = await rpc.AuthService.revocations(0);
    expect(revocations.map(({ sessionId }) => sessionId)).toEqual([readCredential(value)?.sessionId]);
  });

  test("is stored as a hash that JWT_REFRESH_SECRET keys: another secret ends all cookies", async () => {
    const { value, body } = await registerInBrowser();
    const [session] = await sessionsOf(body.userId).live();
    expect(session?.secretHash).toHaveLength(43);
    expect(value).not.toContain(session?.secretHash);
    const restarted = authApi({ ...authEnv, JWT_REFRESH_SECRET: `${authEnv.JWT_REFRESH_SECRET}-another` });
    expect((await restarted.exchange(value, USE)).ok).toBe(false);
    expect((await exchange(value)).ok).toBe(true);
  });

  test("counts as seen when it is used, at most once a minute", async () => {
    const { value, body } = await registerInBrowser();
    const { sessionId } = readCredential(value) ?? { sessionId: "" };
    const sessions = sessionsOf(body.userId);
    const [opened] = await sessions.live();
    const at = (opened?.lastSeenAt ?? 0) + SEEN_EVERY_MS;
    await sessions.useCookie(sessionId, opened?.secretHash ?? "", at - 1);
    expect(await sessions.live()).toEqual([opened]);
    await sessions.useCookie(sessionId, opened?.secretHash ?? "", at);
    expect((await sessions.live())[0]).toMatchObject({ lastSeenAt: at });
  });
});
