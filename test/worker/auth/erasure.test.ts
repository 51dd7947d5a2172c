import { describe, expect, test } from "vitest";
import { DATA_SERVICES, type DataService, type ErasureView } from "../../../shared/contracts/personal-data.ts";
import type { AuthPersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import {
  authEnv,
  NOWHERE,
  PASSWORD,
  problemOf,
  type Registered,
  refresh,
  register,
  registerAdmin,
  rpc,
  sessionEvents,
  sessionsOf,
  waitingEvents,
} from "./people.ts";

const personalData = (rpc as unknown as { PersonalDataService: AuthPersonalDataApi }).PersonalDataService;

function erase(as: Registered, path = "/api/users/me", json: object = { currentPassword: PASSWORD }) {
  return call(path, { as, method: "DELETE", json });
}

async function erasureOf(response: Response): Promise<ErasureView> {
  expect(response.status).toBe(202);
  return response.json<ErasureView>();
}

/** The services of an erasure that are done. */
async function doneServices(id: string): Promise<string[]> {
  const { services } = await (await call(`/api/erasures/${id}`)).json<ErasureView>();
  return DATA_SERVICES.filter((service) => services[service] === "done");
}

describe("erasing one's account", () => {
  test.each(["/api/users/me", "/profile", "/api/profile"])("is begun by DELETE at %s", async (path) => {
    const john = await register();
    const response = await erase(john, path);
    const erasure = await erasureOf(response.clone());
    expect(erasure).toMatchObject({ userId: john.id, status: "erasing", doneAt: null });
    expect(response.headers.get("Location")).toBe(`/api/erasures/${erasure.id}`);
  });

  test.each(["/api/users", "/users"])("is begun by DELETE at %s/:id", async (prefix) => {
    const john = await register();
    await erasureOf(await erase(john, `${prefix}/${john.id}`));
  });

  test("ends everything that let them in, at once", async () => {
    const john = await register();
    const made = await call("/api/keys", { as: john, json: { name: "backup", scopes: ["images:read"] } });
    const { id: keyId, key } = await made.json<{ id: string; key: string }>();
    const [session] = await sessionsOf(john.id).live();
    await erasureOf(await erase(john));

    const login = await call("/login", { json: { email: john.email, password: PASSWORD } });
    const sensitive = await call("/api/keys", { as: john });
    const refreshed = await refresh(john.signedIn.refreshToken);
    expect([login.status, sensitive.status, refreshed.status]).toEqual([401, 401, 401]);
    const use = { ip: null, userAgent: null, method: "GET", url: "http://halftone.test/", headers: [] };
    expect(await rpc.AuthService.exchange(key, use)).toMatchObject({ ok: false });
    expect(await rpc.AuthService.userExists(john.id)).toBe(false);
    const { revocations } = await rpc.AuthService.revocations(0);
    expect(revocations.map(({ sessionId }) => sessionId).sort()).toEqual([session?.id, keyId].sort());
    expect(await sessionsOf(john.id).keys()).toEqual([]);
  });

  test("writes its event in the transaction in which the user goes", async () => {
    const john = await register();
    await erase(john);
    const [, event] = await waitingEvents();
    expect(event).toMatchObject({ type: "user.erased", account: john.id, resource: john.id, sequence: 2 });
    const ends = (await sessionEvents(john.id)).filter(({ type }) => type === "session.revoked");
    expect(ends).toMatchObject([{ metadata: { reason: "account_erased" } }]);
  });

  test.each([
    ["no body", undefined],
    ["no password", {}],
    ["another password", { currentPassword: "a guess" }],
  ])("needs the password: %s changes nothing", async (_what, json) => {
    const john = await register();
    const response = await call("/api/users/me", { as: john, method: "DELETE", json });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: "currentPassword" }] });
    expect((await call("/login", { json: { email: john.email, password: PASSWORD } })).status).toBe(200);
    expect(await waitingEvents()).toHaveLength(1);
  });

  test("cannot be used to guess the password", async () => {
    const john = await register();
    const guesses = Array.from({ length: 15 }, () => erase(john, "/api/users/me", { currentPassword: "a guess" }));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect((await erase(john)).status).toBe(429);
  });

  test("asked for many times at once is one erasure", async () => {
    const john = await register();
    const answers = await Promise.all(Array.from({ length: 5 }, () => erase(john)));
    const begun = answers.filter(({ status }) => status === 202);
    const ids = await Promise.all(begun.map(async (answer) => (await answer.json<ErasureView>()).id));
    expect(new Set(ids).size).toBe(1);
    expect((await waitingEvents()).filter(({ type }) => type === "user.erased")).toHaveLength(1);
  });

  test("leaves the address and the name free for somebody new", async () => {
    const john = await register("john@example.com", { username: "john" });
    await erase(john);
    const another = await register("john@example.com", { username: "john" });
    expect(another.id).not.toBe(john.id);
  });
});

describe("somebody else's account", () => {
  test("is answered exactly like one that does not exist", async () => {
    const [john, eve] = [await register(), await register("eve@example.com")];
    const answers = [await erase(eve, `/api/users/${john.id}`), await erase(eve, `/api/users/${newId()}`)];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(await problemOf(answers[0]!)).toEqual(await problemOf(answers[1]!));
    expect(await rpc.AuthService.userExists(john.id)).toBe(true);
  });

  test("can be erased by an admin without a password, and a second time without harm", async () => {
    const [john, admin] = [await register(), await registerAdmin()];
    const first = await erasureOf(await erase(admin, `/api/users/${john.id}`, {}));
    expect(await erasureOf(await erase(admin, `/api/users/${john.id}`, {}))).toEqual(first);
    expect((await erase(admin, `/api/users/${newId()}`, {})).status).toBe(404);
    const [erased] = (await waitingEvents()).filter(({ type }) => type === "user.erased");
    expect(erased).toMatchObject({ account: john.id, actor: { userId: admin.id } });
  });

  test("of an admin needs their own password when it is their own", async () => {
    const admin = await registerAdmin();
    expect((await erase(admin, `/api/users/${admin.id}`, {})).status).toBe(422);
  });
});

describe("the progress of an erasure", () => {
  test("is open to whoever knows its id, and to nobody else", async () => {
    const { id } = await erasureOf(await erase(await register()));
    const response = await call(`/api/erasures/${id}`);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ id, status: "erasing" });
    for (const unknown of [newId(), "not-an-id"]) expect((await call(`/api/erasures/${unknown}`)).status).toBe(404);
  });

  test("is done when the last service is, and a report that comes twice changes nothing", async () => {
    const john = await register();
    const { id } = await erasureOf(await erase(john));
    const done: DataService[] = [];
    for (const service of DATA_SERVICES) {
      expect(await doneServices(id)).toEqual(done);
      await personalData.noteErased(john.id, service);
      done.push(service);
    }
    const finished = await (await call(`/api/erasures/${id}`)).json<ErasureView>();
    expect(finished).toMatchObject({ status: "done", doneAt: expect.any(String) });
    await personalData.noteErased(john.id, "auth");
    expect(await (await call(`/api/erasures/${id}`)).json()).toEqual(finished);
  });
});

describe("what audit asks of auth", () => {
  test("erases a session and a key that came while the account was being erased", async () => {
    const john = await register();
    await erase(john);
    const { sessionId } = await sessionsOf(john.id).open(john.id, "login", NOWHERE);
    expect(await personalData.eraseUser(john.id)).toBe(true);
    expect(await rpc.AuthService.sessionIsLive(john.id, sessionId)).toBe(false);
    expect(await personalData.eraseUser(john.id)).toBe(true);
  });

  test("exports the profile, the live sessions and the keys, without a secret", async () => {
    const john = await register("john@example.com", { name: "John" });
    const made = await call("/api/keys", { as: john, json: { name: "backup", scopes: ["images:read"] } });
    const { key } = await made.json<{ key: string }>();
    const page = await personalData.exportPage(john.id, null);
    const records = page.lines.trimEnd().split("\n");
    expect([page.records, page.next]).toEqual([3, null]);
    expect(records.map((line) => JSON.parse(line))).toMatchObject([
      { record: "profile", id: john.id, email: "john@example.com", name: "John" },
      { record: "session", userId: john.id, kind: "session" },
      { record: "key", name: "backup" },
    ]);
    const { password_hash: hash } = (await authEnv.DB.prepare("SELECT password_hash FROM users").first()) ?? {};
    for (const secret of [String(hash), key.split(".").at(-1)!]) expect(page.lines).not.toContain(secret);
  });

  test("exports nothing of somebody unknown", async () => {
    expect(await personalData.exportPage(newId(), null)).toEqual({ lines: "", records: 0, next: null });
  });
});
