import { describe, expect, test } from "vitest";
import type { UserView } from "../../../shared/contracts/users.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { authEnv, fetchWith, problemOf, type Registered, register, registerAdmin, waitingEvents } from "./people.ts";

async function idsOf(response: Response): Promise<string[]> {
  return (await response.json<UserView[]>()).map((user) => user.id);
}

function put(person: Registered, id: string, json: object, method = "PUT"): Promise<Response> {
  return call(`/api/users/${id}`, { as: person, method, json });
}

describe("one's own profile", () => {
  test.each(["/profile", "/api/profile", "/api/users/me"])("is at %s", async (path) => {
    const john = await register();
    const response = await call(path, { as: john });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(john.signedIn.user);
  });

  test("is 401 when the account is gone", async () => {
    const john = await register();
    await authEnv.DB.prepare("DELETE FROM users").run();
    expect((await call("/profile", { as: john })).status).toBe(401);
  });
});

describe("listing users", () => {
  test("shows a person only themselves, in an array", async () => {
    const john = await register();
    await register("jane@example.com");
    expect(await idsOf(await call("/api/users", { as: john }))).toEqual([john.id]);
  });

  test("shows an admin everybody, newest first, page by page, on both paths", async () => {
    const ids = [await register("a@example.com"), await register("b@example.com")].map((person) => person.id);
    const admin = await registerAdmin();
    const first = await call("/api/users?limit=2", { as: admin });
    const cursor = first.headers.get("X-Next-Cursor");
    const second = await call(`/users?limit=2&cursor=${cursor}`, { as: admin });
    expect([...(await idsOf(first)), ...(await idsOf(second))]).toEqual([admin.id, ...ids.reverse()]);
  });
});

describe("an open directory", () => {
  test("shows everybody to everybody, as the source does", async () => {
    const john = await register();
    const jane = await register("jane@example.com");
    const request = new Request("http://halftone.test/api/users", { headers: john.headers });
    expect(await idsOf(await fetchWith({ USER_DIRECTORY: "all" }, request))).toEqual([jane.id, john.id]);
  });
});

describe("reading a user", () => {
  test("works for oneself and for an admin", async () => {
    const john = await register();
    const admin = await registerAdmin();
    for (const person of [john, admin]) {
      expect(await (await call(`/users/${john.id}`, { as: person })).json()).toEqual(john.signedIn.user);
    }
  });

  test("answers somebody else exactly like somebody who does not exist", async () => {
    const john = await register();
    const jane = await register("jane@example.com");
    const problems = await Promise.all(
      [jane.id, newId(), "1", "%27--"].map(async (id) => {
        const response = await call(`/api/users/${id}`, { as: john });
        expect(response.status).toBe(404);
        return problemOf(response);
      }),
    );
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(1);
    expect((await put(john, jane.id, { name: "Mallory" })).status).toBe(404);
  });
});

describe("changing a user", () => {
  test.each(["PUT", "PATCH"])("takes a name by %s and tells the log which fields changed", async (method) => {
    const john = await register();
    const response = await put(john, john.id, { name: "John Doe" }, method);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: john.id, name: "John Doe", username: "john" });
    const [, event] = await waitingEvents();
    expect(event).toMatchObject({
      type: "user.updated",
      account: john.id,
      sequence: 2,
      metadata: { fields: ["name"] },
    });
  });

  test("takes a fetched user back, changed or not", async () => {
    const john = await register();
    const fetched = await (await call("/profile", { as: john })).json<UserView>();
    expect(await (await put(john, john.id, fetched)).json()).toEqual(fetched);
    expect(await waitingEvents()).toHaveLength(1);
    expect((await put(john, john.id, { ...fetched, username: "Johnny" })).status).toBe(200);
  });

  test.each([
    ["email", "other@example.com"],
    ["role", "admin"],
    ["id", newId()],
    ["created", "2020-01-01T00:00:00.000Z"],
    ["password", "another one"],
  ])("refuses another %s and changes nothing", async (field, value) => {
    const john = await register();
    const response = await put(john, john.id, { name: "John", [field]: value });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "invalid_request" });
    expect(await (await call("/profile", { as: john })).json()).toEqual(john.signedIn.user);
  });

  test("refuses a user name that somebody has, in any case", async () => {
    await register("jane@example.com");
    const john = await register();
    const response = await put(john, john.id, { username: "JANE" });
    expect([response.status, (await response.json<{ code: string }>()).code]).toEqual([409, "username_taken"]);
  });

  test("lets people change the case of their own user name and sign in by it", async () => {
    const john = await register();
    expect((await put(john, john.id, { username: "JOHN" })).status).toBe(200);
    const login = await call("/login", { json: { username: "john", password: "a passphrase of john's" } });
    expect(await login.json()).toMatchObject({ user: { username: "JOHN" } });
  });

  test("writes one event for each of several simultaneous changes and refuses the rest", async () => {
    const john = await register();
    const answers = await Promise.all(["A", "B", "C", "D"].map((name) => put(john, john.id, { name })));
    const written = answers.filter((answer) => answer.status === 200).length;
    expect(answers.every((answer) => answer.status === 200 || answer.status === 409)).toBe(true);
    expect((await waitingEvents()).map((event) => event.sequence)).toEqual(
      Array.from({ length: written + 1 }, (_, i) => i + 1),
    );
  });
});
