import { describe, expect, test, vi } from "vitest";
import { isCurrent, loginFloorMs, readStoredHash } from "../../../shared/accounts/stored-hash.ts";
import { UsersRepo } from "../../../workers/auth/src/accounts/users.repo.ts";
import { verifyPassword } from "../../../workers/auth/src/passwords/password.ts";
import { call } from "../call.ts";
import { authEnv, postWith, register } from "./people.ts";

const PASSWORD = "correct horse battery";
const CYRILLIC = "пароль-12";

/** Made once by other implementations: bcrypt by libxcrypt, PBKDF2 and scrypt by Werkzeug, argon2id by Node. */
const HASHES: [name: string, password: string, hash: string][] = [
  ["bcrypt 2a", PASSWORD, "$2a$06$N9qo8uLOickgx2ZMRZoMyeHeZfKH45w1ifY2deNgSwK435WnAcNrK"],
  ["bcrypt 2b", PASSWORD, "$2b$06$N9qo8uLOickgx2ZMRZoMyeHeZfKH45w1ifY2deNgSwK435WnAcNrK"],
  ["bcrypt 2y beyond ASCII", CYRILLIC, "$2y$06$N9qo8uLOickgx2ZMRZoMyeU2dZExea9HmEzzIE7KPGwfrgVFBwpe."],
  ["bcrypt of cost 14", PASSWORD, "$2b$14$N9qo8uLOickgx2ZMRZoMyeTBGKfVmqkq6RiP/tnU.Rz96IKH5ho1a"],
  [
    "PBKDF2 that runs natively",
    PASSWORD,
    "pbkdf2:sha256:50000$HFp9OOuQMDDOxjSc$c8d216b44b426d0aab24d93b8e1f80a1a341777585660b954eab3c35b44c552d",
  ],
  [
    "PBKDF2 beyond what production runs natively",
    CYRILLIC,
    "pbkdf2:sha256:100001$ZDbgSxCYOiEjXJQy$e76de6c7953ce8fdcf5112ec81b33f5a8357b2bdbf950427a5839582f6291b30",
  ],
  [
    "scrypt with Werkzeug's default cost",
    CYRILLIC,
    "scrypt:32768:8:1$iAno8aXRaCZddWOu$62c14af67d2ad36de44b48045801674deb8d13a5f11ab3191d63f0918bac6ad93194cc51c6336f8667266eb12429dcccd1b8cec8f655f8d20d3519b9580cee5c",
  ],
  [
    "scrypt with two blocks",
    PASSWORD,
    "scrypt:16384:8:2$TCjKyRjrbtnygIrM$8d4b2fc13af2dea58f7139cf236972332b4fc0d882b6091d471364ae7bf9042a93e22dfdf5cc4226b008eeb429584a2ff575187cae3fcc02258c966b8a9b828e",
  ],
  [
    "argon2id of another cost",
    PASSWORD,
    "$argon2id$v=19$m=8192,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$PbYBKNnDvZ+vj2Krfl2UwtICn11T2sjRECHkz+JmjWU",
  ],
];

const [, , CHEAP_HASH = ""] = HASHES[1] ?? [];
const FLOOR_MS = 400;

/** John, as an import would have left him. */
async function registerImported(hash: string, floorMs: number = FLOOR_MS) {
  const john = await register();
  await authEnv.DB.prepare("UPDATE users SET password_hash = ?, password_floor_ms = ? WHERE id = ?")
    .bind(hash, floorMs, john.id)
    .run();
  return john;
}

function stored(): Promise<{ password_hash: string; password_floor_ms: number | null; version: number } | null> {
  return authEnv.DB.prepare("SELECT password_hash, password_floor_ms, version FROM users").first();
}

function login(password: string, email = "john@example.com"): Promise<Response> {
  return call("/login", { json: { email, password } });
}

/** The pool runs unbundled JavaScript up to ten times slower than a deployment would. */
const SLOW_MS = 60_000;

describe("an imported hash", () => {
  test.each(HASHES)("of %s admits its password and no other", { timeout: SLOW_MS }, async (_name, password, hash) => {
    expect(await verifyPassword(password, hash)).toBe(true);
    expect(await verifyPassword(`${password}!`, hash)).toBe(false);
  });

  test("by bcrypt looks at the first 72 bytes, as its source did", async () => {
    const hash = "$2b$06$N9qo8uLOickgx2ZMRZoMyefO1wJ.AG7gnGtcXNvsWF3W7bPm0c.LW";
    expect(await verifyPassword("x".repeat(72), hash)).toBe(true);
    expect(await verifyPassword(`${"x".repeat(72)}tail`, hash)).toBe(true);
    expect(await verifyPassword("x".repeat(71), hash)).toBe(false);
  });

  test("by bcrypt takes a NUL for a byte like any other, as its source did", async () => {
    expect(await verifyPassword(`${PASSWORD}\0and more`, CHEAP_HASH)).toBe(false);
  });

  test.each([
    ["bcrypt of cost 31", "$2b$31$N9qo8uLOickgx2ZMRZoMyeHeZfKH45w1ifY2deNgSwK435WnAcNrK"],
    ["ten million rounds of PBKDF2", `pbkdf2:sha256:10000000$salt$${"0".repeat(64)}`],
    ["scrypt in a gigabyte", `scrypt:1048576:8:1$salt$${"0".repeat(128)}`],
    ["scrypt in 128 MiB", `scrypt:131072:8:1$salt$${"0".repeat(128)}`],
    ["scrypt whose N is no power of two", `scrypt:30000:8:1$salt$${"0".repeat(128)}`],
    ["argon2id in a gigabyte", "$argon2id$v=19$m=1048576,t=2,p=1$b4zOOa/t9FztGC0Vqb0HDA$CySRUvPooKEZi0JlPhO/hA"],
    [
      "argon2id with a thousand passes",
      "$argon2id$v=19$m=19456,t=1000,p=1$b4zOOa/t9FztGC0Vqb0HDA$CySRUvPooKEZi0JlPhO/hA",
    ],
  ])("is not computed when it asks for %s", async (_name, hash) => {
    expect(readStoredHash(hash)).toMatchObject({ ok: false, failure: { code: "too_costly" } });
    await expect(verifyPassword(PASSWORD, hash)).rejects.toThrow("more work");
  });

  test.each(["", "secret", "$1$salt$digest", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA", "sha256$salt$00"])(
    "is not taken as %j",
    (hash) => expect(readStoredHash(hash)).toMatchObject({ ok: false, failure: { code: "unknown_format" } }),
  );
});

describe("signing in with an imported hash", () => {
  test("replaces it by argon2id, without a new version of the user", async () => {
    await registerImported(CHEAP_HASH);
    expect((await login(PASSWORD)).status).toBe(200);
    const row = await stored();
    expect(row).toMatchObject({ password_floor_ms: null, version: 1 });
    const hash = readStoredHash(row?.password_hash ?? "");
    expect(hash.ok && isCurrent(hash.value)).toBe(true);
    expect((await login(PASSWORD)).status).toBe(200);
  });

  test("leaves it as it is when the password is wrong", async () => {
    await registerImported(CHEAP_HASH);
    expect((await login("not the one")).status).toBe(401);
    expect(await stored()).toMatchObject({ password_hash: CHEAP_HASH, password_floor_ms: FLOOR_MS });
  });

  test("works for several at once", async () => {
    await registerImported(CHEAP_HASH);
    const answers = await Promise.all([1, 2, 3].map(() => login(PASSWORD)));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect((await login(PASSWORD)).status).toBe(200);
  });

  test("never undoes a change of the password that came between", async () => {
    const john = await registerImported(CHEAP_HASH);
    await authEnv.DB.prepare("UPDATE users SET password_hash = 'changed' WHERE id = ?").bind(john.id).run();
    await new UsersRepo(authEnv.DB).upgradeHash(john.id, CHEAP_HASH, "upgraded");
    expect(await stored()).toMatchObject({ password_hash: "changed" });
  });
});

describe("while imported hashes remain", () => {
  test("every login takes at least as long as the slowest of them, also of unknown people", async () => {
    await registerImported(CHEAP_HASH);
    await register("jane@example.com");
    for (const email of ["john@example.com", "jane@example.com", "nobody@example.com"]) {
      const start = Date.now();
      await login("not the one", email);
      expect(Date.now() - start).toBeGreaterThanOrEqual(FLOOR_MS);
    }
  });

  test("the floor is above what the check itself takes", () => {
    for (const [, , hash] of HASHES) {
      const read = readStoredHash(hash);
      expect(read.ok && (loginFloorMs(read.value) ?? 0)).toBeGreaterThan(100);
    }
  });

  test("nobody waits any longer once the last one is replaced", async () => {
    await registerImported(CHEAP_HASH, 60_000);
    const wait = vi.spyOn(scheduler, "wait").mockResolvedValue(undefined);
    await postWith({}, "/login", { email: "john@example.com", password: PASSWORD });
    await postWith({}, "/login", { email: "john@example.com", password: PASSWORD });
    // The outbox gathers its nudges for some milliseconds by the same clock.
    expect(wait.mock.calls.filter(([ms]) => ms >= 1_000)).toEqual([[60_000]]);
  });
});
