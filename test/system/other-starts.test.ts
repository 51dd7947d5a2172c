import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { freePort } from "./support/free-port.ts";
import { expectMainJobWorks } from "./support/main-job.ts";
import { copyProject, type RunningCommand, startCommand } from "./support/project-copy.ts";

const copy = copyProject();
const WRANGLER = join(copy.folder, "node_modules/wrangler/bin/wrangler.js");

/** What a command started ends soon after it, and on a busy machine later. */
const ENDED_WITHIN_MS = 60_000;

let running: RunningCommand | null = null;

afterEach(async () => {
  await running?.stop();
  running = null;
  // The next one starts in the same folder.
  await expect.poll(commandsLeft, { timeout: ENDED_WITHIN_MS, interval: 200 }).toEqual([]);
});
afterAll(() => copy.remove());

/** Commands that are still at work on the copy; each keeps a file there while it runs. */
function commandsLeft(): string[] {
  const folder = join(copy.folder, ".wrangler/running");
  return existsSync(folder) ? readdirSync(folder) : [];
}

test("a bare wrangler dev in the root brings up the whole system, and takes it down again", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  running = await startCommand(process.execPath, [WRANGLER, "dev", "--port", String(port)], { cwd: copy.folder, url });
  await expectMainJobWorks(url);
  await running.stop();
  await expect.poll(commandsLeft, { timeout: ENDED_WITHIN_MS, interval: 200 }).toEqual([]);
});

/** What a browser does at an address: signs up, comes back with the cookie, changes something and signs out. */
async function expectCookieWorks(url: string): Promise<void> {
  const email = `person-${process.pid}-${Date.now()}@example.com`;
  const registered = await fetch(`${url}/api/auth/register`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Session-Mode": "cookie" },
    body: JSON.stringify({ email, password: "a-password-of-our-own" }),
  });
  const [cookie] = registered.headers.getSetCookie();
  expect(cookie).toMatch(/^halftone=cookie\.v1\..+; Path=\/; HttpOnly; SameSite=Strict$/);
  const Cookie = cookie?.split(";")[0] ?? "";
  const me = await fetch(`${url}/api/users/me`, { headers: { Cookie } });
  expect(await me.json()).toMatchObject({ email });

  const touch = (Origin: string) =>
    fetch(`${url}/api/sessions`, {
      method: "POST",
      headers: { Cookie, Origin, "Content-Type": "application/json" },
      body: "{}",
    });
  expect((await touch("https://evil.example")).status).toBe(403);
  expect((await touch(url)).status).toBe(201);
  const left = await fetch(`${url}/api/auth/logout`, { method: "POST", headers: { Cookie, Origin: url } });
  expect([left.status, left.headers.getSetCookie()[0]?.startsWith("halftone=;")]).toEqual([204, true]);
}

test("the Pages project shows the page and hands every API path to the gateway", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { PORT: String(port) };
  running = await startCommand(process.execPath, ["scripts/pages.mjs"], { cwd: copy.folder, env, url });
  await expectMainJobWorks(url);
  await expectCookieWorks(url);

  for (const path of ["/", "/app", "/app/photos/1", "/docs"]) {
    const page = await fetch(`${url}${path}`);
    expect([path, page.status, page.headers.get("Content-Type")]).toEqual([path, 200, "text/html; charset=utf-8"]);
  }
  const api: [string, string, number][] = [
    ["POST", "/register", 400],
    ["POST", "/auth/login", 400],
    ["POST", "/upload", 401],
    ["GET", "/profile", 401],
    ["GET", "/orders", 401],
    ["GET", "/users", 401],
    ["GET", "/uploads/1", 404],
    ["GET", "/.well-known/jwks.json", 200],
    ["GET", "/openapi.json", 200],
    ["GET", "/connected/health", 200],
    ["GET", "/nothing-here", 404],
  ];
  for (const [method, path, status] of api) {
    const body = method === "POST" ? { body: "{", headers: { "Content-Type": "application/json" } } : {};
    const answer = await fetch(`${url}${path}`, { method, ...body });
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.headers.get("Content-Type")).toContain("json");
  }
});
