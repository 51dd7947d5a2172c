import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import type { SignedIn } from "../../shared/contracts/users.ts";

const EMAIL = "john@example.com";
const PASSWORD = "a passphrase of john's";
const LIMIT = 10;

const home = mkdtempSync(join(tmpdir(), "halftone-guessing-"));
let product: Halftone;

beforeAll(async () => {
  product = await startHalftone({ state: home, bundled: true, admin: false, vars: { LOG_LEVEL: "error" } });
});
afterAll(async () => {
  await product?.stop();
  rmSync(home, { recursive: true, force: true });
});

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${product.url}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

test("whoever is signed in somewhere signs in beside an attack on their name, and nobody else does", async () => {
  const registered = await post("/api/auth/register", { email: EMAIL, password: PASSWORD });
  const { accessToken, refreshToken } = (await registered.json()) as SignedIn;
  const right = { email: EMAIL, password: PASSWORD };
  const byCookie = await post("/api/auth/login", right, { "X-Session-Mode": "cookie" });
  const [cookie = ""] = (byCookie.headers.get("Set-Cookie") ?? "").split(";");

  const guesses = Array.from({ length: 30 }, () => post("/api/auth/login", { email: EMAIL, password: "a guess" }));
  const statuses = (await Promise.all(guesses)).map((answer) => answer.status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(LIMIT);
  expect(statuses.filter((status) => status === 429)).toHaveLength(30 - LIMIT);

  const stranger = await post("/api/auth/login", right);
  expect(stranger.status).toBe(429);
  expect(Number(stranger.headers.get("Retry-After"))).toBeGreaterThan(60);

  expect((await post("/api/auth/login", right, { Authorization: `Bearer ${accessToken}` })).status).toBe(200);
  expect((await post("/api/auth/login", { ...right, refreshToken })).status).toBe(200);
  const sameOrigin = { Cookie: cookie, Origin: product.url };
  expect((await post("/api/auth/login", right, sameOrigin)).status).toBe(200);
});
