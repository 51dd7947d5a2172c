import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import { authEnv, PASSWORD, postWith, register, sessionEvents, waitingEvents } from "./people.ts";

const JOHN = { email: "john@example.com", password: PASSWORD };

async function countUsers(): Promise<number> {
  return (await authEnv.DB.prepare("SELECT count(*) AS n FROM users").first<number>("n")) ?? 0;
}

describe("registering", () => {
  test.each(["/register", "/auth/register", "/api/register", "/api/auth/register", "/api/users/register"])(
    "answers every source's fields on %s",
    async (path) => {
      const response = await call(path, { json: { ...JOHN, name: "John Doe" } });
      expect(response.status).toBe(201);
      const answer = await response.json<Record<string, unknown>>();
      expect(answer).toMatchObject({
        message: "User registered successfully",
        email: "john@example.com",
        user: { id: answer.userId, email: "john@example.com", username: "john", name: "John Doe", role: "user" },
      });
      expect("token" in answer).toBe(path.startsWith("/api/users/"));
    },
  );

  test("writes the user and its event together, and opens one session", async () => {
    const john = await register();
    const events = await waitingEvents();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: "user.registered", account: john.id, resource: john.id, sequence: 1 });
    expect(await sessionEvents(john.id)).toMatchObject([
      { type: "session.opened", account: john.id, sequence: 1, metadata: { method: "register" } },
    ]);
  });

  test("keeps addresses in lower case and refuses the same address in another case", async () => {
    const john = await register("John@Example.COM");
    expect(john.email).toBe("john@example.com");
    const again = await call("/register", { json: { ...JOHN, email: "JOHN@example.com" } });
    expect([again.status, (await again.json<{ code: string }>()).code]).toEqual([409, "email_taken"]);
  });

  test("registers exactly one of twenty concurrent requests for one address", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call("/register", { json: JOHN })));
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
    expect([await countUsers(), (await waitingEvents()).length]).toEqual([1, 1]);
  });

  test("gives twelve Johns of different houses twelve user names at once", async () => {
    const houses = Array.from({ length: 12 }, (_, i) => `john@house${i}.example`);
    const johns = await Promise.all(houses.map((email) => register(email)));
    const names = johns.map((john) => john.signedIn.user.username);
    expect(new Set(names).size).toBe(12);
    expect(names).toEqual(expect.arrayContaining(["john", "john2", "john9"]));
  });

  test("keeps a chosen user name as it was written and refuses it to others in any case", async () => {
    const { signedIn } = await register("john@example.com", { username: "JohnDoe" });
    expect(signedIn.user.username).toBe("JohnDoe");
    const other = await call("/register", { json: { ...JOHN, email: "j@example.com", username: "johndoe" } });
    expect([other.status, (await other.json<{ code: string }>()).code]).toEqual([409, "username_taken"]);
    expect([await countUsers(), (await waitingEvents()).length]).toEqual([1, 1]);
  });

  test("warns of one of the commonest passwords and still takes it", async () => {
    const { signedIn } = await register("john@example.com", { password: "password123" });
    expect(signedIn.warning).toContain("guess");
    expect((await register("jane@example.com")).signedIn.warning).toBeUndefined();
  });

  test("refuses one of the commonest passwords where the deployment says so, and says nothing where it is off", async () => {
    const json = { ...JOHN, password: "Password123" };
    const refused = await postWith({ PASSWORD_BLOCKLIST: "refuse" }, "/register", json);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ code: "invalid_request", errors: [{ path: "password" }] });
    expect(await countUsers()).toBe(0);
    const taken = await postWith({ PASSWORD_BLOCKLIST: "off" }, "/register", json);
    expect([taken.status, "warning" in (await taken.json<object>())]).toEqual([201, false]);
  });

  test("lets nobody keep an answer with tokens", async () => {
    const response = await call("/register", { json: JOHN });
    expect(response.headers.get("Cache-Control")).toBe("no-store");
  });

  test("never answers with a password hash", async () => {
    const john = await register();
    const answers = [
      JSON.stringify(john.signedIn),
      await (await call("/login", { json: JOHN })).text(),
      await (await call("/profile", { as: john })).text(),
      await (await call("/api/users", { as: john })).text(),
      await (await call(`/users/${john.id}`, { as: john })).text(),
      JSON.stringify([...(await waitingEvents()), ...(await sessionEvents(john.id))]),
    ];
    for (const answer of answers) {
      expect(answer).toContain(john.id);
      expect(answer).not.toMatch(/argon2|password_?hash|passphrase/i);
    }
  });

  test.each([
    ["a field it does not know", { ...JOHN, role: "admin" }, ""],
    ["no address", { password: PASSWORD }, "email"],
    ["something that is no address", { ...JOHN, email: "john" }, "email"],
    ["a short password", { ...JOHN, password: "1234567" }, "password"],
    ["a password of more than 1,024 bytes", { ...JOHN, password: "ä".repeat(513) }, "password"],
    ["a user name with an @", { ...JOHN, username: "john@home" }, "username"],
  ])("refuses %s and writes nothing", async (_what, json, path) => {
    const response = await call("/register", { json });
    expect(response.status).toBe(422);
    const problem = await response.json<{ code: string; errors: { path: string }[] }>();
    expect(problem.code).toBe("invalid_request");
    expect(problem.errors.map((error) => error.path)).toContain(path);
    expect([await countUsers(), await waitingEvents()]).toEqual([0, []]);
  });
});
