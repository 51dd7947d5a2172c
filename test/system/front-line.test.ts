import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import type { ImageDetails, ImageList, ImageStatusView } from "../../shared/contracts/images.ts";
import { Client } from "./support/client.ts";
import { anyPath, type Operation, readOperations } from "./support/operations.ts";
import { makePhoto } from "./support/photo.ts";

const PASSWORD = "correct-horse-battery-staple-9";
const SECRETS = {
  JWT_SECRET: "front-line-tests-sign-with-0123456789abcdef",
  JWT_REFRESH_SECRET: "front-line-tests-refresh-with-0123456789ab",
  SIGNING_SECRET: "front-line-tests-sign-urls-with-0123456789",
  WEBHOOK_SEAL_SECRET: "front-line-tests-seal-with-0123456789abcde",
};

/** What the web app does (frontend/src/api): files sent at once, and the gaps between looks at one that is in the making. */
const SENT_AT_ONCE = 3;
const FIRST_GAP_MS = 500;
const GAP_GROWTH = 1.5;
const LONGEST_GAP_MS = 4_000;
const DROPPED_FILES = 50;
const GALLERY = 100;

const state = mkdtempSync(join(tmpdir(), "halftone-front-line-"));
const printed: string[] = [];
let product: Halftone;

beforeAll(async () => {
  // The limits as they come: these tests hold them to what they promise.
  const vars = { LOG_LEVEL: "debug", ...SECRETS };
  product = await startHalftone({
    state,
    bundled: true,
    admin: false,
    vars,
    registry: join(state, "registry"),
    print: (line) => printed.push(line),
  });
});
afterAll(async () => {
  await product?.kill();
  rmSync(state, { recursive: true, force: true });
});

/** Runs all of them, so many at once. */
async function runAll<T>(tasks: (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const results: T[] = [];
  const waiting = tasks.entries();
  const work = async () => {
    for (const [index, task] of waiting) results[index] = await task();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}

describe("the app's own ways never meet the limit", () => {
  test("a drop of fifty photos, watched until all are made, and a gallery of a hundred", {
    timeout: 240_000,
  }, async () => {
    const client = await Client.signUp(product.url);
    const photo = await makePhoto({ width: 64, height: 48 });
    const statuses: number[] = [];
    const ask = async (path: string, init?: RequestInit) => {
      const answer = await client.fetch(path, init);
      statuses.push(answer.status);
      return answer;
    };
    const watch = async (id: string) => {
      for (let gapMs = FIRST_GAP_MS; ; gapMs = Math.min(gapMs * GAP_GROWTH, LONGEST_GAP_MS)) {
        await new Promise((resolve) => setTimeout(resolve, gapMs));
        const { status } = (await (await ask(`/api/images/${id}/status`)).json()) as ImageStatusView;
        if (status === "complete" || status === "failed") return ask(`/api/images/${id}`);
      }
    };
    const drop = async (count: number) => {
      const watched: Promise<unknown>[] = [];
      const send = async () => {
        const headers = { "Content-Type": "image/jpeg", "X-File-Name": "photo.jpg" };
        const answer = await ask("/api/images", { method: "PUT", headers, body: new Uint8Array(photo) });
        const { id } = (await answer.json()) as { id: string };
        watched.push(watch(id));
      };
      await runAll(
        Array.from({ length: count }, () => send),
        SENT_AT_ONCE,
      );
      await Promise.all(watched);
    };

    await drop(DROPPED_FILES);
    await drop(GALLERY - DROPPED_FILES);
    const { images } = (await (await ask(`/api/images?limit=${GALLERY}`)).json()) as ImageList;
    const details = await Promise.all(
      images.map(async ({ id }) => (await (await ask(`/api/images/${id}`)).json()) as ImageDetails),
    );
    const links = details.flatMap(({ sizes }) => sizes.thumbnail?.url ?? []);
    for (const link of links) statuses.push((await fetch(link)).status);

    expect(links).toHaveLength(GALLERY);
    expect(statuses.filter((status) => status >= 400)).toEqual([]);
  });

  test("a thousand looks at its health, ten at a time", { timeout: 240_000 }, async () => {
    const look = () => fetch(`${product.url}/health`);
    const answers = await runAll(
      Array.from({ length: 1_000 }, () => look),
      10,
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe("every answer of every route", () => {
  let operations: Operation[];

  beforeAll(async () => {
    operations = await readOperations(product.url);
  });

  test("carries the security headers, to strangers and with nonsense for a body", { timeout: 120_000 }, async () => {
    expect(operations.length).toBeGreaterThan(30);
    for (const { method, path, name } of operations) {
      const url = product.url + anyPath(path);
      const init = method === "GET" ? {} : { body: "{", headers: { "Content-Type": "application/json" } };
      const { headers } = await fetch(url, { method, redirect: "manual", ...init });
      const missing = [
        "Content-Security-Policy",
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
        "Permissions-Policy",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "X-Request-Id",
      ].filter((header) => !headers.has(header));
      expect([name, missing]).toEqual([name, []]);
      expect([name, headers.get("Access-Control-Allow-Origin")]).toEqual([name, null]);
    }
  });

  test("lets any page embed signed bytes, and nothing else", async () => {
    const client = await Client.signUp(product.url);
    const { url, id } = await client.uploadPhoto(await makePhoto({ width: 64, height: 48 }));
    expect((await fetch(url)).headers.get("Cross-Origin-Resource-Policy")).toBe("cross-origin");
    for (const path of ["/api/images", `/api/files/${id}`, `/uploads/${id}`, `/api/images/${id}/original`]) {
      const { headers, status } = await client.fetch(path);
      expect([path, status, headers.get("Cross-Origin-Resource-Policy")]).toEqual([path, 200, "same-origin"]);
    }
  });

  test("refuses headers and addresses that are too large as it refuses everything else", async () => {
    const answers = await Promise.all([
      fetch(`${product.url}/health`, { headers: { "X-Filler": "x".repeat(40 * 1024) } }),
      fetch(`${product.url}/health?${"x".repeat(9 * 1024)}`),
    ]);
    for (const [index, code] of ["headers_too_large", "uri_too_long"].entries()) {
      expect(await answers[index]?.json()).toMatchObject({ code });
    }
  });
});

test("no line of any log holds a password, a token, a key, a signature or a secret", async () => {
  const client = await Client.signUp(product.url);
  const json = { "Content-Type": "application/json" };
  const email = `logged-${Date.now()}@example.com`;
  const credentials = JSON.stringify({ email, password: PASSWORD });
  const signUp = await fetch(`${product.url}/register`, { method: "POST", headers: json, body: credentials });
  const cookieLogin = await fetch(`${product.url}/login`, {
    method: "POST",
    headers: { ...json, "X-Session-Mode": "cookie" },
    body: credentials,
  });
  const [cookie = ""] = (cookieLogin.headers.get("Set-Cookie") ?? "").split(";");
  const { accessToken, refreshToken } = client.account as unknown as Record<string, string>;
  const { key } = await client.makeKey(["orders:read"]);
  const { url } = await client.uploadPhoto(await makePhoto({ width: 64, height: 48 }));
  const hookKey = `hook-${crypto.randomUUID()}`;
  const hooked = await client.send("POST", "/api/webhooks", { url: `http://localhost:1/${hookKey}` });
  const { id: hookId, secret: hookSecret } = (await hooked.json()) as { id: string; secret: string };
  await client.fetch(`/api/webhooks/${hookId}/test`, { method: "POST" });
  const signature = new URL(url).searchParams.get("signature") ?? "";
  await fetch(url);
  await fetch(`${product.url}/orders`, { headers: { "X-API-Key": key } });
  await fetch(`${product.url}/orders`, { headers: { Authorization: `Bearer ${key.slice(0, -2)}` } });
  await fetch(`${product.url}/orders?access_token=${accessToken}`, { headers: { Cookie: cookie } });
  await client.send("POST", "/api/auth/refresh", { refreshToken });
  await fetch(`${product.url}/login`, {
    method: "POST",
    headers: json,
    body: `{"email":"${email}","password":"${PASSWORD}`,
  });

  const hidden = {
    PASSWORD,
    accessToken,
    refreshToken,
    key,
    cookie: cookie.split("=")[1],
    signature,
    hookKey,
    hookSecret,
    ...SECRETS,
  };
  const secretOf = (credential: string) => credential.split(".").at(-1) ?? "";
  const words = Object.entries({ ...hidden, keySecret: secretOf(key), tokenSignature: secretOf(accessToken ?? "") });
  expect(signUp.status).toBe(201);
  expect(words.filter(([, word]) => (word ?? "").length < 16)).toEqual([]);

  const folder = join(state, "logs");
  const logs = [...readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8")), printed.join("\n")];
  expect(logs.join("").length).toBeGreaterThan(10_000);
  const found = words.filter(([, word]) => logs.some((text) => text.includes(word ?? ""))).map(([name]) => name);
  expect(found).toEqual([]);
});
