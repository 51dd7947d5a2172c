import { describe, expect, test } from "vitest";
import type { RefreshedTokens } from "../../../shared/contracts/users.ts";
import { newId } from "../../../shared/ids.ts";
import { readRefreshToken, writeRefreshToken } from "../../../workers/auth/src/signing/tokens.ts";
import { call } from "../call.ts";
import { authEnv, NOWHERE, refresh, register, sessionEvents, sessionsOf } from "./people.ts";

async function refreshed(refreshToken: string): Promise<RefreshedTokens> {
  const response = await refresh(refreshToken);
  expect(response.status).toBe(200);
  return response.json<RefreshedTokens>();
}

async function expectRefused(refreshToken: string): Promise<void> {
  const response = await refresh(refreshToken);
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: "invalid_refresh_token" });
}

/** Refresh tokens of as many sessions of one user, opened at the object: hashing twenty passwords proves nothing here. */
async function openSessions(count: number) {
  const { id } = await register();
  const open = async () => {
    const { sessionId, counter } = await sessionsOf(id).open(id, "login", NOWHERE);
    return writeRefreshToken(authEnv.JWT_REFRESH_SECRET, { userId: id, sessionId, counter });
  };
  return { id, sessions: await Promise.all(Array.from({ length: count }, open)) };
}

describe("refreshing", () => {
  test("answers a new pair that works", async () => {
    const { signedIn } = await register();
    const tokens = await refreshed(signedIn.refreshToken);
    expect(tokens.message).toBe("Tokens refreshed");
    expect(tokens.refreshToken).not.toBe(signedIn.refreshToken);
    const headers = { Authorization: `Bearer ${tokens.accessToken}` };
    expect((await call("/api/users/me", { headers })).status).toBe(200);
    await refreshed(tokens.refreshToken);
  });

  test.each(["/refresh", "/auth/refresh", "/api/refresh", "/api/users/refresh"])(
    "is also known as %s",
    async (path) => {
      const { signedIn } = await register();
      const response = await call(path, { json: { refreshToken: signedIn.refreshToken } });
      expect(Object.keys(await response.json<object>()).sort()).toEqual(["accessToken", "message", "refreshToken"]);
    },
  );

  test("rotates once for 25 concurrent refreshes of one token and gives all the same successor", async () => {
    const { id, signedIn } = await register();
    const answers = await Promise.all(Array.from({ length: 25 }, () => refreshed(signedIn.refreshToken)));
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    expect((await sessionEvents(id)).map((event) => event.type)).toEqual(["session.opened", "session.refreshed"]);
  });

  test("rotates once each for 25 concurrent refreshes of 20 sessions, and logs nobody out", async () => {
    const { id, sessions } = await openSessions(20);
    const answers = await Promise.all(
      sessions.map((token) => Promise.all(Array.from({ length: 25 }, () => refreshed(token)))),
    );
    const successors = answers.map((ofOne) => [...new Set(ofOne.map(({ refreshToken }) => refreshToken))]);
    expect(successors.map(({ length }) => length)).toEqual(Array(20).fill(1));
    const rotations = (await sessionEvents(id)).filter(({ type }) => type === "session.refreshed");
    expect(new Set(rotations.map(({ resource }) => resource)).size).toBe(20);
    expect(rotations.length).toBe(20);
    for (const [successor = ""] of successors) await refreshed(successor);
  }, 30_000);

  test("rejects a refresh token used twice and ends its session", async () => {
    const { id, signedIn } = await register();
    const second = await refreshed(signedIn.refreshToken);
    const third = await refreshed(second.refreshToken);
    await expectRefused(signedIn.refreshToken);
    await expectRefused(third.refreshToken);
    const events = await sessionEvents(id);
    expect(events.map((event) => event.sequence)).toEqual([1, 2, 3, 4]);
    expect(events.at(-1)).toMatchObject({ type: "session.revoked", metadata: { reason: "refresh_token_reused" } });
  });

  test("stays ended: no token of the family refreshes again, also of those given out at the same moment", async () => {
    const { id, signedIn } = await register();
    const second = await refreshed(signedIn.refreshToken);
    const third = await refreshed(second.refreshToken);
    const outcomes = await Promise.all([refresh(signedIn.refreshToken), refresh(third.refreshToken)]);
    expect(outcomes[0].status).toBe(401);
    const latest = outcomes[1].ok ? [(await outcomes[1].json<RefreshedTokens>()).refreshToken] : [];
    for (const token of [...latest, third.refreshToken, second.refreshToken]) await expectRefused(token);
    const ends = (await sessionEvents(id)).filter(({ type }) => type === "session.revoked");
    expect(ends.length).toBe(1);
  });

  test("ends one session only", async () => {
    const john = await register();
    const other = await call("/login", { json: { email: john.email, password: "a passphrase of john's" } });
    const { refreshToken } = await other.json<RefreshedTokens>();
    await refreshed((await refreshed(john.signedIn.refreshToken)).refreshToken);
    await expectRefused(john.signedIn.refreshToken);
    await refreshed(refreshToken);
  });

  test("gives the access token the role that the user has by now", async () => {
    const { id, signedIn } = await register();
    await authEnv.DB.prepare("UPDATE users SET role = 'admin' WHERE id = ?").bind(id).run();
    const { accessToken } = await refreshed(signedIn.refreshToken);
    expect(JSON.parse(atob(accessToken.split(".")[1] ?? ""))).toMatchObject({ sub: id, role: "admin" });
  });

  test("refuses a user who is gone", async () => {
    const { id, signedIn } = await register();
    await authEnv.DB.prepare("DELETE FROM users WHERE id = ?").bind(id).run();
    await expectRefused(signedIn.refreshToken);
  });
});

describe("a refresh token", () => {
  const SECRET = authEnv.JWT_REFRESH_SECRET;

  test("names its user, session and generation and nothing else", async () => {
    const claim = { userId: newId(), sessionId: newId(), counter: 7 };
    const token = await writeRefreshToken(SECRET, claim);
    expect(token).toMatch(new RegExp(`^refresh\\.v1\\.${claim.userId}\\.${claim.sessionId}\\.7-[\\w-]{43}$`));
    expect(await readRefreshToken(SECRET, token)).toEqual(claim);
  });

  test("is refused in every other spelling, for another session, of another secret", async () => {
    const claim = { userId: newId(), sessionId: newId(), counter: 1 };
    const token = await writeRefreshToken(SECRET, claim);
    // 43 characters hold 258 bits: the last two of them belong to no byte, so another last character means the same.
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const sameBytes = token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) ^ 1];
    const hostile = [
      sameBytes,
      `${token}=`,
      `${token} `,
      `${token}\n`,
      token.toUpperCase(),
      token.replace(".1-", ".2-"),
      token.replace(".1-", ".01-"),
      token.replace(claim.sessionId, newId()),
      token.replace("refresh.v1", "refresh.v2"),
      token.slice(0, -43),
      await writeRefreshToken(`${SECRET}!`, claim),
      await writeRefreshToken(SECRET, { ...claim, counter: 0 }),
    ];
    for (const text of hostile) expect([text, await readRefreshToken(SECRET, text)]).toEqual([text, null]);
  });

  test("is of no use for a session that never was", async () => {
    const { id } = await register();
    await expectRefused(await writeRefreshToken(SECRET, { userId: id, sessionId: newId(), counter: 1 }));
  });

  test("is no access token, and an access token is no refresh token", async () => {
    const { signedIn } = await register();
    const headers = { Authorization: `Bearer ${signedIn.refreshToken}` };
    expect((await call("/api/users/me", { headers })).status).toBe(401);
    await expectRefused(signedIn.accessToken);
  });
});
