import { describe, expect, test } from "vitest";
import type { CreatedKey } from "../../../shared/contracts/keys.ts";
import type { ServiceAccountView } from "../../../shared/contracts/service-accounts.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import {
  authEnv,
  PASSWORD,
  problemOf,
  type Registered,
  register,
  registerAdmin,
  rpc,
  sessionEvents,
  waitingEvents,
} from "./people.ts";

const KEY = { name: "nightly", scopes: ["account:read"] };

async function makeAccount(admin: Registered, username = "printer"): Promise<ServiceAccountView> {
  const json = { username, name: "The printer" };
  const response = await call("/api/service-accounts", { as: admin, json });
  expect(response.status).toBe(201);
  return response.json<ServiceAccountView>();
}

describe("a service account", () => {
  test("is made by an admin, listed, and logged under the admin's name", async () => {
    const admin = await registerAdmin();
    const account = await makeAccount(admin);
    expect(account).toMatchObject({ username: "printer", name: "The printer", role: "user" });
    expect(await (await call("/api/service-accounts", { as: admin })).json()).toEqual([account]);
    const event = (await waitingEvents()).find(({ resource }) => resource === account.id);
    expect(event).toMatchObject({ type: "user.registered", account: account.id, actor: { userId: admin.id } });
    expect(event?.metadata).toEqual({ username: "printer", kind: "service" });
  });

  test("is listed page by page, without people among them", async () => {
    const admin = await registerAdmin();
    const accounts = [await makeAccount(admin, "one"), await makeAccount(admin, "two")];
    await register();
    const first = await call("/api/service-accounts?limit=1", { as: admin });
    const second = await call(`/api/service-accounts?limit=1&cursor=${first.headers.get("X-Next-Cursor")}`, {
      as: admin,
    });
    expect([await first.json(), await second.json()].flat()).toEqual(accounts.reverse());
    expect(second.headers.get("X-Next-Cursor")).toBeNull();
  });

  test("has a user name that nobody else has", async () => {
    const admin = await registerAdmin();
    await makeAccount(admin);
    const again = await call("/api/service-accounts", { as: admin, json: { username: "Printer" } });
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: "username_taken" });
  });

  test.each([{ role: "admin" }, { id: newId() }, { kind: "person" }, { password: PASSWORD }, { email: "a@b.example" }])(
    "is refused with %o, and nothing is written",
    async (field) => {
      const admin = await registerAdmin();
      const response = await call("/api/service-accounts", { as: admin, json: { username: "printer", ...field } });
      expect(response.status).toBe(422);
      expect(await (await call("/api/service-accounts", { as: admin })).json()).toEqual([]);
    },
  );

  test("cannot sign in by any password", async () => {
    const account = await makeAccount(await registerAdmin());
    const { email } = await (await call("/api/users", { as: await registerAdmin("b@example.com") }))
      .json<{ id: string; email: string }[]>()
      .then((users) => users.find(({ id }) => id === account.id) ?? { email: "" });
    expect(email).toMatch(/\.invalid$/);
    for (const login of [{ username: "printer" }, { email }]) {
      for (const password of ["", "null", PASSWORD]) {
        const response = await call("/login", { json: { ...login, password } });
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({ code: "invalid_credentials" });
      }
    }
  });

  test("can have no password in the database", async () => {
    const account = await makeAccount(await registerAdmin());
    const update = authEnv.DB.prepare("UPDATE users SET password_hash = 'x' WHERE id = ?").bind(account.id).run();
    await expect(update).rejects.toThrow(/CHECK constraint/);
  });

  test("is not for people to make or see", async () => {
    const john = await register();
    expect((await call("/api/service-accounts", { as: john })).status).toBe(403);
    expect((await call("/api/service-accounts", { as: john, json: { username: "printer" } })).status).toBe(403);
  });
});

describe("the keys of a service account", () => {
  test("are made by an admin and open its own things", async () => {
    const admin = await registerAdmin();
    const account = await makeAccount(admin);
    const response = await call(`/api/service-accounts/${account.id}/keys`, { as: admin, json: KEY });
    expect(response.status).toBe(201);
    const { id, key } = await response.json<CreatedKey>();
    expect(response.headers.get("Location")).toBe(`/api/service-accounts/${account.id}/keys/${id}`);

    const use = { ip: null, userAgent: null, method: "GET", url: "http://halftone.test/", headers: [] };
    const exchanged = await rpc.AuthService.exchange(key, use);
    if (!exchanged.ok) throw new Error(exchanged.failure.detail);
    const headers = { Authorization: `Bearer ${exchanged.value.accessToken}` };
    expect(await (await call("/profile", { headers })).json()).toMatchObject({ id: account.id, username: "printer" });
  });

  test("are listed and ended by an admin; the account's log names who did it", async () => {
    const admin = await registerAdmin();
    const path = `/api/service-accounts/${(await makeAccount(admin)).id}/keys`;
    const { key: _, ...view } = await (await call(path, { as: admin, json: KEY })).json<CreatedKey>();
    expect(await (await call(path, { as: admin })).json()).toEqual([view]);
    expect(await (await call(`${path}/${view.id}`, { as: admin })).json()).toEqual(view);
    expect((await call(`${path}/${view.id}`, { as: admin, method: "DELETE" })).status).toBe(204);
    expect(await (await call(path, { as: admin })).json()).toEqual([]);
    const events = await sessionEvents(view.userId);
    expect(events.map(({ type, actor }) => [type, actor.userId])).toEqual([
      ["key.created", admin.id],
      ["key.revoked", admin.id],
    ]);
  });

  test("are nobody else's: people get the answer of a random id", async () => {
    const account = await makeAccount(await registerAdmin());
    const john = await register();
    for (const options of [{}, { json: KEY }]) {
      const theirs = await call(`/api/service-accounts/${account.id}/keys`, { as: john, ...options });
      const random = await call(`/api/service-accounts/${newId()}/keys`, { as: john, ...options });
      expect(theirs.status).toBe(404);
      expect(await problemOf(theirs)).toEqual(await problemOf(random));
    }
  });

  test("are the only ones an admin can make for somebody else", async () => {
    const admin = await registerAdmin();
    const john = await register();
    expect((await call(`/api/service-accounts/${john.id}/keys`, { as: admin, json: KEY })).status).toBe(404);
    expect((await call(`/api/service-accounts/${john.id}/keys`, { as: admin })).status).toBe(404);
  });
});
