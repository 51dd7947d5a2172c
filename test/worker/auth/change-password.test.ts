import { describe, expect, test } from "vitest";
import type { CreatedKey } from "../../../shared/contracts/keys.ts";
import type { SignedIn, UserView } from "../../../shared/contracts/users.ts";
import { UsersRepo } from "../../../workers/auth/src/accounts/users.repo.ts";
import { call } from "../call.ts";
import { authEnv, PASSWORD, postWith, type Registered, refresh, register, rpc, waitingEvents } from "./people.ts";

const NEW_PASSWORD = "another passphrase of john's";

function change(as: Registered, fields: object = {}, path = "/api/users/me/password"): Promise<Response> {
  return call(path, { as, json: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD, ...fields } });
}

async function login(password: string): Promise<Response> {
  return call("/login", { json: { email: "john@example.com", password } });
}

describe("changing one's password", () => {
  test.each(["/api/users/me/password", "/profile/password", "/api/profile/password"])(
    "lets the new one in and the old one no more, at %s",
    async (path) => {
      const john = await register();
      const response = await change(john, {}, path);
      expect([response.status, await response.json()]).toEqual([
        200,
        { message: "Password changed", endedSessions: 0 },
      ]);
      expect([(await login(NEW_PASSWORD)).status, (await login(PASSWORD)).status]).toEqual([200, 401]);
    },
  );

  test("ends every other session and keeps the one that did it", async () => {
    const john = await register();
    const others = [await login(PASSWORD), await login(PASSWORD)].map((answer) => answer.json<SignedIn>());
    expect(await (await change(john)).json()).toMatchObject({ endedSessions: 2 });
    for (const other of await Promise.all(others)) expect((await refresh(other.refreshToken)).status).toBe(401);
    expect((await refresh(john.signedIn.refreshToken)).status).toBe(200);
  });

  test("leaves API keys as they are", async () => {
    const john = await register();
    const made = await call("/api/keys", { as: john, json: { name: "backup", scopes: ["images:read"] } });
    const { key } = await made.json<CreatedKey>();
    await change(john);
    const use = { ip: null, userAgent: null, method: "GET", url: "http://halftone.test/", headers: [] };
    expect(await rpc.AuthService.exchange(key, use)).toMatchObject({ ok: true });
  });

  test("tells the log who did it, and nothing of the passwords", async () => {
    const john = await register();
    await change(john);
    const [, event] = await waitingEvents();
    expect(event).toMatchObject({ type: "user.password_changed", account: john.id, sequence: 2 });
    expect(event?.actor.userId).toBe(john.id);
    expect(JSON.stringify(event)).not.toContain("passphrase");
  });

  test("asks for the current password and leaves everything as it was without it", async () => {
    const john = await register();
    const response = await change(john, { currentPassword: "not the one" });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "currentPassword" }] });
    expect((await login(PASSWORD)).status).toBe(200);
    expect(await waitingEvents()).toHaveLength(1);
  });

  test("cannot be used to guess the current password", async () => {
    const john = await register();
    const tries = Array.from({ length: 15 }, () => change(john, { currentPassword: "a guess" }));
    const statuses = (await Promise.all(tries)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 422)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect((await change(john)).status).toBe(429);
  });

  test.each([
    ["that is too short", "short"],
    ["that is too long", "x".repeat(1_025)],
    ["that is the current one", PASSWORD],
  ])("refuses a new one %s", async (_why, newPassword) => {
    const john = await register();
    const response = await change(john, { newPassword });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "newPassword" }] });
  });

  test("warns of a common one, or refuses it where the deployment says so", async () => {
    const john = await register();
    const json = { currentPassword: PASSWORD, newPassword: "password123" };
    const refused = await postWith({ PASSWORD_BLOCKLIST: "refuse" }, "/profile/password", json, john.headers);
    expect(refused.status).toBe(422);
    expect((await login(PASSWORD)).status).toBe(200);
    expect(await (await change(john, json)).json()).toHaveProperty("warning");
  });

  test("happens once when it is asked for several times at once", async () => {
    const john = await register();
    const answers = await Promise.all(
      ["one", "two", "three"].map((end) => change(john, { newPassword: `${NEW_PASSWORD} ${end}` })),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect((await waitingEvents()).filter((event) => event.type === "user.password_changed")).toHaveLength(1);
  });

  test("leaves no session to a login that checked the old password while it was changed", async () => {
    const john = await register();
    const original = UsersRepo.prototype.findForLogin;
    // The change comes when the login has already read the old hash.
    UsersRepo.prototype.findForLogin = async function (name) {
      UsersRepo.prototype.findForLogin = original;
      const found = await original.call(this, name);
      expect((await change(john)).status).toBe(200);
      return found;
    };
    const late = await postWith({}, "/login", { email: john.email, password: PASSWORD });
    expect(late.status).toBe(401);
    expect(await authEnv.USER_SESSIONS.getByName(john.id).live()).toHaveLength(1);
  });

  test("is for the signed in", async () => {
    const response = await call("/profile/password", {
      json: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
    });
    expect(response.status).toBe(401);
  });
});

describe("changing a user that somebody else may change too", () => {
  async function read(john: Registered) {
    const response = await call(`/api/users/${john.id}`, { as: john });
    return { etag: response.headers.get("ETag") ?? "", user: await response.json<UserView>() };
  }

  function put(john: Registered, ifMatch: string, json: object): Promise<Response> {
    return call(`/users/${john.id}`, { as: john, method: "PUT", json, headers: { "If-Match": ifMatch } });
  }

  test("takes a whole fetched user back under its ETag and answers the next one", async () => {
    const john = await register();
    const { etag, user } = await read(john);
    const response = await put(john, etag, { ...user, name: "John Doe" });
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBe((await read(john)).etag);
    expect(response.headers.get("ETag")).not.toBe(etag);
  });

  test("is 412 under an ETag that is no longer the user's, and changes nothing", async () => {
    const john = await register();
    const { etag, user } = await read(john);
    await put(john, etag, { name: "John" });
    const stale = await put(john, etag, { ...user, name: "Johnny" });
    expect([stale.status, (await stale.json<{ code: string }>()).code]).toEqual([412, "precondition_failed"]);
    expect((await read(john)).user.name).toBe("John");
  });

  test.each(["*", '"7", "1"'])("passes under %s", async (ifMatch) => {
    const john = await register();
    expect((await put(john, ifMatch, { name: "John" })).status).toBe(200);
  });

  test.each(['W/"1"', "1", '"7"'])("is 412 under %s", async (ifMatch) => {
    const john = await register();
    expect((await put(john, ifMatch, { name: "John" })).status).toBe(412);
  });

  test("lets one of several changes under the same ETag through", async () => {
    const john = await register();
    const { etag } = await read(john);
    const answers = await Promise.all(["A", "B", "C"].map((name) => put(john, etag, { name })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 412, 412]);
  });
});
