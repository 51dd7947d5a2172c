import { describe, expect, test } from "vitest";
import { SYSTEM_ACCOUNT } from "../../../shared/contracts/events.ts";
import type { SignedIn } from "../../../shared/contracts/users.ts";
import { call } from "../call.ts";
import { PASSWORD, problemOf, register, sessionEvents, waitingEvents } from "./people.ts";

function login(fields: object, path = "/login"): Promise<Response> {
  return call(path, { json: { password: PASSWORD, ...fields } });
}

describe("signing in", () => {
  test.each(["/login", "/auth/login", "/api/login", "/api/auth/login", "/api/users/login"])(
    "answers every source's fields on %s",
    async (path) => {
      const john = await register();
      const response = await login({ email: john.email }, path);
      expect(response.status).toBe(200);
      const answer = await response.json<Record<string, unknown>>();
      expect(answer).toMatchObject({ message: "Login successful", userId: john.id, email: john.email });
      expect("token" in answer).toBe(path.startsWith("/api/users/"));
    },
  );

  test("takes the address or the user name, in any case", async () => {
    await register("john@example.com", { username: "JohnDoe" });
    for (const fields of [{ email: "JOHN@Example.com" }, { username: "johndoe" }, { username: "john@example.com" }]) {
      expect((await login(fields)).status).toBe(200);
    }
  });

  test("opens a new session each time", async () => {
    const john = await register();
    await login({ email: john.email });
    const events = await sessionEvents(john.id);
    expect(events.map((event) => event.metadata.method)).toEqual(["register", "login"]);
    expect(new Set(events.map((event) => event.resource)).size).toBe(2);
  });

  test("gives the older clients a token that opens the same doors for a day", async () => {
    const john = await register();
    const { token, accessToken } = await (await login({ email: john.email }, "/api/users/login")).json<SignedIn>();
    const claims = [token, accessToken].map((jwt) => JSON.parse(atob((jwt ?? "").split(".")[1] ?? "")));
    expect(claims.map(({ iat, exp }) => exp - iat)).toEqual([86_400, 900]);
    expect(claims[0].sid).toBe(claims[1].sid);
    const profile = await call("/api/users/me", { headers: { Authorization: `Bearer ${token}` } });
    expect(profile.status).toBe(200);
  });

  test("answers the same for an unknown user and a wrong password", async () => {
    const john = await register();
    const wrongPassword = await login({ email: john.email, password: "not the one" });
    const unknownUser = await login({ email: "nobody@example.com" });
    expect([wrongPassword.status, unknownUser.status]).toEqual([401, 401]);
    const problem = await problemOf(wrongPassword);
    expect(problem).toMatchObject({ code: "invalid_credentials" });
    expect(await problemOf(unknownUser)).toEqual(problem);
  });

  test("tells the owner's log of a wrong password and the system's log of an unknown name", async () => {
    const john = await register();
    await login({ email: john.email, password: "not the one" });
    await login({ username: "Mallory" });
    await login({ username: "mallory" });
    const [, wrong, unknown, again] = await waitingEvents();
    expect(wrong).toMatchObject({ type: "login.failed", account: john.id, metadata: { reason: "wrong_password" } });
    expect(unknown).toMatchObject({ account: SYSTEM_ACCOUNT, metadata: { reason: "unknown_user" } });
    expect(again?.metadata).toEqual(unknown?.metadata);
    expect(again?.resource).not.toBe(unknown?.resource);
    expect(JSON.stringify([wrong, unknown])).not.toMatch(/not the one|passphrase|mallory|john@/i);
  });

  test("writes where a sign-in came from", async () => {
    const john = await register();
    const headers = { "CF-Connecting-IP": "198.51.100.4", "User-Agent": "lynx" };
    await call("/login", { json: { email: john.email, password: PASSWORD }, headers });
    const [, opened] = await sessionEvents(john.id);
    expect(opened?.actor).toMatchObject({ userId: john.id, ip: "198.51.100.4", userAgent: "lynx" });
  });

  test("takes a wrong password of any length as a wrong password", async () => {
    const john = await register();
    expect((await login({ email: john.email, password: "" })).status).toBe(401);
    expect((await login({ email: john.email, password: "x".repeat(1_024) })).status).toBe(401);
  });

  test("asks for an address or a user name", async () => {
    const response = await login({});
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "email" }] });
  });
});
