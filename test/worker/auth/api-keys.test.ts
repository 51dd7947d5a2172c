import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { CreatedKey, KeyView } from "../../../shared/contracts/keys.ts";
import { keyScopesOf } from "../../../shared/contracts/permissions.ts";
import type { CredentialUse } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { KEYS_MAX } from "../../../workers/auth/src/api-keys/key-book.ts";
import { newKeyPair } from "../../support/sign-request.ts";
import { call } from "../call.ts";
import {
  authEnv,
  NOWHERE,
  problemOf,
  type Registered,
  register,
  registerAdmin,
  rpc,
  sessionEvents,
  sessionsOf,
} from "./people.ts";

const DAY_MS = 86_400_000;
const USE: CredentialUse = { ip: null, userAgent: null, method: "GET", url: "http://halftone.test/", headers: [] };
const KEY = { name: "backup script", scopes: ["images:read", "orders:read"] };

async function makeKey(person: Registered, fields: object = {}): Promise<CreatedKey> {
  const response = await call("/api/keys", { as: person, json: { ...KEY, ...fields } });
  expect(response.status).toBe(201);
  return response.json<CreatedKey>();
}

async function listKeys(person: Registered): Promise<KeyView[]> {
  return (await call("/api/keys", { as: person })).json<KeyView[]>();
}

function exchange(key: string) {
  return rpc.AuthService.exchange(key, USE);
}

/** The token that the gateway would use for a key. */
async function tokenOf(key: string): Promise<{ Authorization: string }> {
  const exchanged = await exchange(key);
  if (!exchanged.ok) throw new Error(exchanged.failure.detail);
  return { Authorization: `Bearer ${exchanged.value.accessToken}` };
}

function claimsOf({ Authorization }: { Authorization: string }): Record<string, unknown> {
  const [, payload = ""] = Authorization.split(".");
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
}

describe("a new key", () => {
  test("is shown once, with its secret, and never stored by whoever keeps answers", async () => {
    const john = await register();
    const response = await call("/api/keys", { as: john, json: KEY });
    expect(response.status).toBe(201);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const { key, ...view } = await response.json<CreatedKey>();
    expect(key).toMatch(new RegExp(`^key\\.v1\\.${john.id}\\.${view.id}\\.[\\w-]{43}$`));
    expect(view).toMatchObject({ ...KEY, userId: john.id, requireSignature: false, lastUsedAt: null });
    expect(response.headers.get("Location")).toBe(`/api/keys/${view.id}`);
    expect(await (await call(`/api/keys/${view.id}`, { as: john })).json()).toEqual(view);
    expect(await listKeys(john)).toEqual([view]);
  });

  test("leaves nothing of its secret at rest", async () => {
    const john = await register();
    const { key } = await makeKey(john);
    const secret = key.split(".").at(-1);
    const stored = await runInDurableObject(sessionsOf(john.id), (_, state) =>
      ["api_key", "session", "outbox"].map((table) => state.storage.sql.exec(`SELECT * FROM ${table}`).toArray()),
    );
    expect(JSON.stringify(stored)).toContain("backup script");
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  test("runs out in 90 days unless it says otherwise", async () => {
    const john = await register();
    const lifetimeOf = (key: KeyView) => Date.parse(key.expiresAt) - Date.parse(key.createdAt);
    expect(lifetimeOf(await makeKey(john)) / DAY_MS).toBeCloseTo(90, 3);
    expect(lifetimeOf(await makeKey(john, { expiresIn: "30d" })) / DAY_MS).toBeCloseTo(30, 3);
    const expiresAt = new Date(Date.now() + 7 * DAY_MS).toISOString();
    expect((await makeKey(john, { expiresAt })).expiresAt).toBe(expiresAt);
  });

  test("writes an event that names its scopes and not its secret", async () => {
    const john = await register();
    const { id, key } = await makeKey(john);
    const event = (await sessionEvents(john.id)).find(({ type }) => type === "key.created");
    expect(event).toMatchObject({ account: john.id, resource: id, sequence: 1 });
    expect(event?.metadata).toMatchObject({ name: "backup script", scopes: KEY.scopes });
    expect(event?.actor).toMatchObject({ userId: john.id, keyId: null });
    expect(JSON.stringify(event)).not.toContain(key.split(".").at(-1));
  });

  test("may have every scope of its owner's role but the one over credentials", async () => {
    const john = await register();
    const scopes = keyScopesOf("user");
    expect((await makeKey(john, { scopes })).scopes).toEqual(scopes);
    const admin = await registerAdmin();
    expect((await makeKey(admin, { scopes: keyScopesOf("admin") })).scopes).toContain("orders:manage");
  });

  test.each([
    ["a scope over credentials", { scopes: ["credentials:manage"] }, "scopes.0"],
    ["a scope beyond its owner's role", { scopes: ["images:read", "orders:manage"] }, "scopes.1"],
    ["an unknown scope", { scopes: ["everything"] }, "scopes.0"],
    ["no scope", { scopes: [] }, "scopes"],
    ["a time that has passed", { expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
    ["a life of more than a year", { expiresIn: "367d" }, "expiresIn"],
    ["two ends", { expiresIn: "1d", expiresAt: "2099-01-01T00:00:00Z" }, "expiresAt"],
    ["signatures without a public key", { requireSignature: true }, "publicKey"],
    ["a public key without signatures", { publicKey: "-----BEGIN PUBLIC KEY-----" }, "publicKey"],
    ["a public key that is none", { requireSignature: true, publicKey: "MCowBQYDK2VwAyEA" }, "publicKey"],
    ["an id of its own", { id: newId() }, ""],
    ["somebody else as its owner", { userId: newId() }, ""],
  ])("is refused with %s, and nothing is written", async (_, fields, path) => {
    const john = await register();
    const response = await call("/api/keys", { as: john, json: { ...KEY, ...fields } });
    expect(response.status).toBe(422);
    const { errors } = await response.json<{ errors: { path: string }[] }>();
    expect(errors.map((error) => error.path)).toContain(path);
    expect(await listKeys(john)).toEqual([]);
  });

  test("is refused when there are as many as there may be, also all at once", async () => {
    const john = await register();
    const tries = Array.from({ length: KEYS_MAX + 10 }, () => call("/api/keys", { as: john, json: KEY }));
    const statuses = (await Promise.all(tries)).map((response) => response.status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(KEYS_MAX);
    expect(statuses.filter((status) => status === 409)).toHaveLength(10);
    expect(await listKeys(john)).toHaveLength(KEYS_MAX);
  });
});

describe("using a key", () => {
  test("opens what its scopes name and nothing else", async () => {
    const john = await register();
    const headers = await tokenOf((await makeKey(john, { scopes: ["account:read"] })).key);
    expect((await call("/profile", { headers })).status).toBe(200);
    const response = await call(`/api/users/${john.id}`, { headers, method: "PATCH", json: { name: "Eve" } });
    expect(response.status).toBe(403);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      'Bearer realm="halftone", error="insufficient_scope", scope="account:write"',
    );
    expect(await response.json()).toMatchObject({ code: "forbidden" });
  });

  test("never opens the keys themselves", async () => {
    const john = await register();
    const { id, key } = await makeKey(john, { scopes: keyScopesOf("user") });
    const headers = await tokenOf(key);
    expect((await call("/api/keys", { headers })).status).toBe(403);
    expect((await call("/api/keys", { headers, json: KEY })).status).toBe(403);
    expect((await call(`/api/keys/${id}`, { headers, method: "DELETE" })).status).toBe(403);
  });

  test("gives no more than the role its owner has now", async () => {
    const admin = await registerAdmin();
    const { key } = await makeKey(admin, { scopes: ["account:read", "users:read"] });
    const john = await register();
    expect((await call(`/api/users/${john.id}`, { headers: await tokenOf(key) })).status).toBe(200);
    await authEnv.DB.prepare("UPDATE users SET role = 'user' WHERE id = ?").bind(admin.id).run();
    expect((await call(`/api/users/${john.id}`, { headers: await tokenOf(key) })).status).toBe(404);
  });

  test("makes a token that names the key and its scopes, for a minute", async () => {
    const john = await register();
    const { id, key, scopes, expiresAt } = await makeKey(john);
    const exchanged = await exchange(key);
    if (!exchanged.ok) throw new Error(exchanged.failure.detail);
    const end = Date.parse(expiresAt);
    expect(exchanged.value).toMatchObject({ userId: john.id, sessionId: id, everyRequest: false, expiresAt: end });
    expect(exchanged.value.freshUntil - Date.now()).toBeLessThanOrEqual(60_000);
    const claims = claimsOf(await tokenOf(key));
    const cred_exp = Math.floor(end / 1_000);
    expect(claims).toMatchObject({ sub: john.id, sid: id, key: id, scope: scopes.join(" "), cred_exp });
  });

  test("is noted, at most once a minute", async () => {
    const john = await register();
    const { id, key } = await makeKey(john);
    await exchange(key);
    const { lastUsedAt } = await (await call(`/api/keys/${id}`, { as: john })).json<KeyView>();
    expect(Date.parse(lastUsedAt ?? "")).toBeGreaterThan(Date.now() - 60_000);
    const hash = await runInDurableObject(sessionsOf(john.id), (sessions) => sessions.key(id)?.secretHash ?? "");
    const seenAt = async (laterMs: number) =>
      runInDurableObject(sessionsOf(john.id), (sessions) => {
        sessions.admitKey(id, hash, Date.parse(lastUsedAt ?? "") + laterMs);
        return (sessions.key(id)?.lastUsedAt ?? 0) - Date.parse(lastUsedAt ?? "");
      });
    expect(await seenAt(59_999)).toBe(0);
    expect(await seenAt(60_000)).toBe(60_000);
  });

  test("ends with the key's time", async () => {
    const john = await register();
    const { id } = await makeKey(john, { expiresIn: "1m" });
    const opens = (laterMs: number) =>
      runInDurableObject(sessionsOf(john.id), (sessions) => {
        const hash = sessions.key(id)?.secretHash ?? "";
        return sessions.admitKey(id, hash, Date.now() + laterMs) !== null;
      });
    expect(await opens(50_000)).toBe(true);
    expect(await opens(60_000)).toBe(false);
  });

  test.each([
    ["another secret", (key: string) => key.slice(0, -43) + "A".repeat(43)],
    ["another key's id", (key: string) => key.replace(/(key\.v1\.[^.]+\.)[^.]+/, `$1${newId()}`)],
    ["another user's id", (key: string) => key.replace(/key\.v1\.[^.]+/, `key.v1.${newId()}`)],
    ["another kind", (key: string) => key.replace("key.", "cookie.")],
    ["something at its end", (key: string) => `${key}A`],
    ["no secret", (key: string) => key.slice(0, -44)],
  ])("is refused with %s", async (_, change) => {
    const { key } = await makeKey(await register());
    expect(await exchange(change(key))).toMatchObject({ ok: false, failure: { code: "invalid_credential" } });
  });
});

describe("a key that has run out", () => {
  test("stays in the list for thirty days, and then makes room", async () => {
    const john = await register();
    const { id, expiresAt } = await makeKey(john, { expiresIn: "1d" });
    const idsAfter = (days: number) =>
      runInDurableObject(sessionsOf(john.id), (sessions) => {
        const draft = { name: "next", scopes: [], secretHash: "", publicKey: null, expiresAt: Date.UTC(2100, 0) };
        const made = sessions.createKey(john.id, draft, NOWHERE, Date.parse(expiresAt) + days * DAY_MS);
        expect(made.ok).toBe(true);
        return sessions.keys().map((key) => key.id);
      });
    expect(await idsAfter(29)).toContain(id);
    expect(await idsAfter(31)).not.toContain(id);
  });
});

describe("ending a key", () => {
  test("is published, logged, and final", async () => {
    const john = await register();
    const { id, key } = await makeKey(john);
    expect(await rpc.AuthService.sessionIsLive(john.id, id)).toBe(true);
    expect((await call(`/api/keys/${id}`, { as: john, method: "DELETE" })).status).toBe(204);

    expect(await exchange(key)).toMatchObject({ ok: false });
    expect(await rpc.AuthService.sessionIsLive(john.id, id)).toBe(false);
    const { revocations } = await rpc.AuthService.revocations(0);
    expect(revocations.map(({ sessionId }) => sessionId)).toEqual([id]);
    const event = (await sessionEvents(john.id)).find(({ type }) => type === "key.revoked");
    expect(event).toMatchObject({ resource: id, sequence: 2, actor: { userId: john.id } });

    expect((await call(`/api/keys/${id}`, { as: john })).status).toBe(404);
    expect((await call(`/api/keys/${id}`, { as: john, method: "DELETE" })).status).toBe(404);
    expect(await listKeys(john)).toEqual([]);
  });

  test("is nobody else's to do, who get the answer of a random id", async () => {
    const { id } = await makeKey(await register());
    const strangers = [await register("jane@example.com"), await registerAdmin()];
    for (const stranger of strangers) {
      for (const method of ["GET", "DELETE"]) {
        const theirs = await call(`/api/keys/${id}`, { as: stranger, method });
        const random = await call(`/api/keys/${newId()}`, { as: stranger, method });
        expect(theirs.status).toBe(404);
        expect(await problemOf(theirs)).toEqual(await problemOf(random));
      }
    }
  });

  test("happens to all of them when the account is erased", async () => {
    const john = await register();
    const { id, key } = await makeKey(john, { requireSignature: true, publicKey: (await newKeyPair()).publicKey });
    const origin = { userId: john.id, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };
    await sessionsOf(john.id).erase(origin);
    expect(await exchange(key)).toMatchObject({ ok: false });
    const { revocations } = await rpc.AuthService.revocations(0);
    expect(revocations.map(({ sessionId }) => sessionId)).toContain(id);
  });
});

test("a key from before sharing had a scope of its own goes on sharing, and one that could not still cannot", async () => {
  const john = await register();
  const writing = await makeKey(john, { scopes: ["images:read", "images:write"] });
  const reading = await makeKey(john, { scopes: ["images:read"] });
  const home = sessionsOf(john.id);
  await runInDurableObject(home, (_, state) =>
    state.storage.sql.exec("ALTER TABLE api_key DROP COLUMN scopes_version"),
  );
  const fresh = async () => {
    await evictDurableObject(home);
    return Object.fromEntries((await listKeys(john)).map(({ id, scopes }) => [id, scopes]));
  };
  const kept = { [writing.id]: ["images:read", "images:write", "images:share"], [reading.id]: ["images:read"] };
  expect(await fresh()).toEqual(kept);
  expect(claimsOf(await tokenOf(writing.key))).toMatchObject({ scope: "images:read images:write images:share" });

  const newer = await makeKey(john, { scopes: ["images:write"] });
  expect(await fresh()).toEqual({ ...kept, [newer.id]: ["images:write"] });
});
