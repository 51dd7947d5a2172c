import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import type { SignedIn } from "../../shared/contracts/users.ts";

/** The promise: an ended session is refused everywhere within this time. */
const REFUSED_WITHIN_MS = 5_000;
const PASSWORD = "a-password-of-our-own";
const OTHERS = ["auth", "orders"];

const folders = ["one", "two"].map((name) => mkdtempSync(join(tmpdir(), `halftone-sessions-${name}-`)));
const registry = join(folders[0] ?? "", "shared-registry");
const running: Halftone[] = [];
let doors: string[] = [];

function start(services: string[], state = "", vars: Record<string, string> = {}): Promise<Halftone> {
  return startHalftone({
    services,
    state,
    registry,
    bundled: true,
    admin: false,
    vars: { LOG_LEVEL: "error", ...vars },
  });
}

/** Two gateways, each in a process of its own with a memory of its own, before one auth. */
beforeAll(async () => {
  running.push(await start(["gateway", ...OTHERS], folders[0]));
  running.push(await start(["gateway"], folders[1]));
  doors = running.map(({ url }) => url);
});

afterAll(async () => {
  await Promise.all(running.map((copy) => copy.kill()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

let people = 0;

async function post(path: string, body: object, headers: Record<string, string> = {}, door = doors[0]) {
  const init = { method: "POST", body: JSON.stringify(body) };
  return fetch(`${door}${path}`, { ...init, headers: { "Content-Type": "application/json", ...headers } });
}

async function signUp(headers: Record<string, string> = {}) {
  people += 1;
  const email = `person-${process.pid}-${Date.now()}-${people}@example.com`;
  const response = await post("/api/users/register", { email, password: PASSWORD }, headers);
  expect(response.status).toBe(201);
  const cookie = response.headers.get("Set-Cookie")?.split(";")[0] ?? "";
  return { email, cookie, account: (await response.json()) as SignedIn };
}

const bearer = (token = "") => ({ Authorization: `Bearer ${token}` });

async function statusAt(door: string, headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${door}/api/orders`, { headers });
  await response.body?.cancel();
  return response.status;
}

/** Waits until both gateways refuse what they took before. */
async function expectRefusedEverywhere(headers: Record<string, string>, end: () => Promise<Response>): Promise<void> {
  for (const door of doors) expect(await statusAt(door, headers)).toBe(200);
  const ended = await end();
  expect([200, 204]).toContain(ended.status);
  const since = Date.now();
  for (const door of doors) {
    const left = REFUSED_WITHIN_MS - (Date.now() - since);
    await expect.poll(() => statusAt(door, headers), { timeout: Math.max(left, 1), interval: 100 }).toBe(401);
  }
}

describe("an ended session is refused by every gateway within five seconds", () => {
  test("by its access token after logging out, at once where credentials are managed, and it refreshes no more", async () => {
    const { account } = await signUp();
    const headers = bearer(account.accessToken);
    await expectRefusedEverywhere(headers, async () => {
      const ended = await post("/api/auth/logout", {}, headers);
      for (const door of doors) {
        const list = await fetch(`${door}/api/sessions/${account.userId}`, { headers });
        expect(list.status).toBe(401);
        expect((await post("/api/auth/refresh", { refreshToken: account.refreshToken }, {}, door)).status).toBe(401);
      }
      return ended;
    });
  });

  test("by the day-long token of the older clients", async () => {
    const { account } = await signUp();
    await expectRefusedEverywhere(bearer(account.token), () => post("/logout", { refreshToken: account.refreshToken }));
  });

  test("by its cookie", async () => {
    const { cookie } = await signUp({ "X-Session-Mode": "cookie" });
    expect(cookie).toMatch(/^halftone=cookie\.v1\./);
    const headers = { Cookie: cookie };
    const fromOwnPage = { ...headers, "Sec-Fetch-Site": "same-origin" };
    await expectRefusedEverywhere(headers, () => post("/api/auth/logout", {}, fromOwnPage));
  });

  test("when another session ends all of them, while a new sign-in works at once", async () => {
    const { email, account } = await signUp();
    const login = await post("/login", { email, password: PASSWORD }, {}, doors[1]);
    const other = (await login.json()) as SignedIn;
    await expectRefusedEverywhere(bearer(other.accessToken), () =>
      fetch(`${doors[0]}/api/sessions/${account.userId}`, {
        method: "DELETE",
        headers: bearer(account.accessToken),
      }),
    );
    const again = (await (await post("/login", { email, password: PASSWORD })).json()) as SignedIn;
    for (const door of doors) expect(await statusAt(door, bearer(again.accessToken))).toBe(200);
  });

  test("and so is an ended API key", async () => {
    const { account } = await signUp();
    const headers = bearer(account.accessToken);
    const made = await post("/api/keys", { name: "a script", scopes: ["orders:read"] }, headers);
    expect(made.status).toBe(201);
    const { id, key } = (await made.json()) as { id: string; key: string };
    await expectRefusedEverywhere({ "X-API-Key": key }, () =>
      fetch(`${doors[0]}/api/keys/${id}`, { method: "DELETE", headers }),
    );
  });
});

describe("after a restart", () => {
  test("ended sessions stay ended, and live ones go on", async () => {
    const [ended, live] = [await signUp(), await signUp()];
    await post("/logout", {}, bearer(ended.account.accessToken));
    await running[1]?.kill();
    running[1] = await start(["gateway"], folders[1]);
    doors[1] = running[1].url;
    expect(await statusAt(doors[1], bearer(ended.account.accessToken))).toBe(401);
    expect(await statusAt(doors[1], bearer(live.account.accessToken))).toBe(200);
  });

  test("with another JWT_SECRET and JWT_SECRET_PREVIOUS nobody is logged out; without it everybody logs in again", async () => {
    const [first, second, third] = ["first", "second", "third"].map((name) => `${name}-${crypto.randomUUID()}`);
    const restart = async (vars: Record<string, string>) => {
      await running[0]?.kill();
      running[0] = await start(["gateway", ...OTHERS], folders[0], vars);
      doors[0] = running[0].url;
    };
    await restart({ JWT_SECRET: first ?? "" });
    const { email, account } = await signUp();

    await restart({ JWT_SECRET: second ?? "", JWT_SECRET_PREVIOUS: first ?? "" });
    expect(await statusAt(doors[0] ?? "", bearer(account.token))).toBe(200);
    await restart({ JWT_SECRET: second ?? "" });
    expect(await statusAt(doors[0] ?? "", bearer(account.token))).toBe(200);

    await restart({ JWT_SECRET: third ?? "" });
    expect(await statusAt(doors[0] ?? "", bearer(account.token))).toBe(401);
    expect((await post("/login", { email, password: PASSWORD })).status).toBe(200);
    expect((await post("/api/auth/refresh", { refreshToken: account.refreshToken })).status).toBe(200);
  });
});
