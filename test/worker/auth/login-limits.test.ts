import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { SignedIn } from "../../../shared/contracts/users.ts";
import { WINDOW_MS } from "../../../workers/auth/src/login/failure-window.ts";
import type { LoginLimiter } from "../../../workers/auth/src/login/login-limiter.do.ts";
import { call } from "../call.ts";
import { PASSWORD, postWith, problemOf, type Registered, register, waitingEvents } from "./people.ts";

const LIMIT = 10;
const ADDRESS_LIMIT = 100;

interface Attempt {
  email?: string;
  password?: string;
  ip?: string;
  as?: Registered;
  refreshToken?: string;
}

function login({ email = "john@example.com", password = PASSWORD, ip = "192.0.2.1", as, refreshToken }: Attempt = {}) {
  const json = { email, password, ...(refreshToken !== undefined && { refreshToken }) };
  return call("/login", { json, headers: { "CF-Connecting-IP": ip, ...as?.headers } });
}

/** Tries wrong passwords at the same time and counts the answers of each status. */
async function guess(times: number, attempt: Attempt = {}): Promise<Record<number, number>> {
  const guesses = Array.from({ length: times }, () => login({ ...attempt, password: "a wrong guess" }));
  const counts: Record<number, number> = {};
  for (const { status } of await Promise.all(guesses)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function guessOneByOne(times: number, attempt: Attempt = {}): Promise<void> {
  for (let i = 0; i < times; i++) expect((await login({ ...attempt, password: "a wrong guess" })).status).toBe(401);
}

function limiter(name: string) {
  return (env as unknown as { LOGIN_LIMITER: DurableObjectNamespace<LoginLimiter> }).LOGIN_LIMITER.getByName(name);
}

/** Fails that often at that time, one attempt after the other. */
async function fail(stub: ReturnType<typeof limiter>, times: number, now: number, limit = LIMIT): Promise<void> {
  for (let i = 0; i < times; i++) {
    const turn = await stub.take(limit, now);
    if (turn.isGiven) await stub.end(turn.attempt, true, now);
  }
}

describe("guessing the password of one name", () => {
  test.each(["john@example.com", "nobody@example.com"])(
    "gets exactly ten tries of fifty at once for %s",
    async (email) => {
      await register();
      const counts = await guess(50, { email });
      expect(counts).toEqual({ 401: LIMIT, 429: 50 - LIMIT });
    },
  );

  test("is answered the same for known and unknown names, and says when to come again", async () => {
    await register();
    const problems = [];
    for (const email of ["john@example.com", "nobody@example.com"]) {
      await guessOneByOne(LIMIT, { email });
      const blocked = await login({ email });
      expect(blocked.status).toBe(429);
      expect(Number(blocked.headers.get("Retry-After"))).toBeGreaterThan(WINDOW_MS / 1_000 - 60);
      problems.push(await problemOf(blocked));
    }
    expect(problems[0]).toMatchObject({ code: "rate_limited" });
    expect(problems[1]).toEqual(problems[0]);
  });

  test("stays blocked whatever address it comes from, and leaves other names alone", async () => {
    await register();
    await register("jane@example.com");
    await guessOneByOne(LIMIT);
    expect((await login({ ip: "198.51.100.9" })).status).toBe(429);
    expect((await login({ email: "jane@example.com" })).status).toBe(200);
  });

  test("is not counted for passwords that are right", async () => {
    await register();
    for (let i = 0; i <= LIMIT; i++) expect((await login()).status).toBe(200);
  });

  test("tells the log of each failure and once of the block, however long the attack goes on", async () => {
    await register();
    await guessOneByOne(LIMIT);
    for (let i = 0; i < 5; i++) expect((await login()).status).toBe(429);
    const reasons = (await waitingEvents()).slice(1).map((event) => event.metadata.reason);
    expect(reasons).toEqual([...Array(LIMIT).fill("wrong_password"), "too_many_failures"]);
  });
});

describe("the person themselves", () => {
  test("still signs in beside an attack by showing an access token", async () => {
    const john = await register();
    await guessOneByOne(LIMIT);
    expect((await login({ as: john })).status).toBe(200);
  });

  test("still signs in beside an attack by showing a refresh token, which stays good", async () => {
    const john = await register();
    await guessOneByOne(LIMIT);
    const { refreshToken } = john.signedIn;
    expect((await login({ refreshToken })).status).toBe(200);
    const refreshed = await call("/api/auth/refresh", { json: { refreshToken } });
    expect(refreshed.status).toBe(200);
  });

  test("has a limit of their own, so that a stolen token opens no way to guess", async () => {
    const john = await register();
    expect(await guess(20, { as: john })).toEqual({ 401: LIMIT, 429: 20 - LIMIT });
  });

  test("is not let past by somebody else's session", async () => {
    await register();
    const jane = await register("jane@example.com");
    await guessOneByOne(LIMIT);
    expect((await login({ as: jane })).status).toBe(429);
  });

  test("goes on using the sessions they have", async () => {
    const john = await register();
    await guessOneByOne(LIMIT);
    expect((await call("/profile", { as: john })).status).toBe(200);
    const refreshed = await call("/refresh", { json: { refreshToken: john.signedIn.refreshToken } });
    expect((await refreshed.json<SignedIn>()).accessToken).toBeTypeOf("string");
  });
});

describe("guessing from one address", () => {
  test("gets a hundred tries over all names, counting an IPv6 network as one address", async () => {
    const john = await register();
    const counts: Record<number, number> = {};
    // A wrong password takes a tenth of a second of work, so the first ninety have failed without one.
    await fail(limiter("address:2001:db8:1:2"), 90, Date.now(), ADDRESS_LIMIT);
    for (let i = 0; i < 14; i++) {
      const { status } = await login({ email: `guess-${i}@example.com`, password: "wrong", ip: `2001:db8:1:2::${i}` });
      counts[status] = (counts[status] ?? 0) + 1;
    }
    expect(counts).toEqual({ 401: 10, 429: 4 });
    expect((await login({ email: john.email, ip: "2001:db8:1:3::1" })).status).toBe(200);
  });
});

describe("a limiter", () => {
  test("forgives a failure after fifteen minutes", async () => {
    const stub = limiter("name:someone");
    const start = Date.now();
    await fail(stub, LIMIT, start);
    expect(await stub.take(LIMIT, start + 1)).toMatchObject({ isGiven: false, retryAfterMs: WINDOW_MS - 1 });
    expect(await stub.take(LIMIT, start + WINDOW_MS)).toMatchObject({ isGiven: true });
  });

  test("remembers failures beyond the end of its object", async () => {
    const stub = limiter("name:someone");
    const start = Date.now();
    await fail(stub, LIMIT, start);
    await evictDurableObject(stub);
    expect(await stub.take(LIMIT, start)).toMatchObject({ isGiven: false, isFirst: true });
  });

  test("tells of a block once, also beyond the end of its object", async () => {
    const stub = limiter("name:someone");
    const start = Date.now();
    await fail(stub, LIMIT, start);
    expect(await stub.take(LIMIT, start)).toMatchObject({ isFirst: true });
    await evictDurableObject(stub);
    expect(await stub.take(LIMIT, start)).toMatchObject({ isFirst: false });
  });

  test("asks to come again at once when only attempts that are under way are before one", async () => {
    const stub = limiter("name:someone");
    const start = Date.now();
    for (let i = 0; i < LIMIT; i++) await stub.take(LIMIT, start);
    expect(await stub.take(LIMIT, start)).toMatchObject({ isGiven: false, retryAfterMs: 1_000, isFirst: false });
    expect(await stub.take(LIMIT, start + 60_000)).toMatchObject({ isGiven: true });
  });

  test("keeps nothing on disk when its failures are forgiven", async () => {
    const stub = limiter("name:someone");
    const stored = () => runInDurableObject(stub, (_object, state) => [...state.storage.kv.list()].length);
    const soon = Date.now() + 3_000;
    await fail(stub, LIMIT, soon - WINDOW_MS);
    expect(await stored()).toBe(1);
    await expect.poll(stored).toBe(0);
  });

  test("that is away lets nobody in", async () => {
    await register();
    vi.spyOn(console, "log").mockImplementation(() => undefined);
    const away = { getByName: () => ({ take: () => Promise.reject(new Error("away")) }) };
    const changed = { LOGIN_LIMITER: away as unknown as DurableObjectNamespace<LoginLimiter> };
    const response = await postWith(changed, "/login", { email: "john@example.com", password: PASSWORD });
    expect([response.status, response.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect(await response.json()).toMatchObject({ code: "service_unavailable" });
  });
});
