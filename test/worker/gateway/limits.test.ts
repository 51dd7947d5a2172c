import { env } from "cloudflare:workers";
import { parseList } from "structured-headers";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Env } from "../../../workers/gateway/src/env.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { callWith, doorWith } from "./door.ts";
import { credentialOf } from "./scripted-auth.ts";

const BURST = 5_000;
const BURST_TIMEOUT_MS = 60_000;

const UNCOUNTED = [
  "/health",
  "/api/jobs/42",
  "/api/images/42/status",
  "/uploads/42?signature=x",
  "/api/uploads/42",
  "/.well-known/jwks.json",
  "/",
  "/app",
];

let addresses = 0;

/** An address that nobody has called from. */
function newAddress() {
  addresses += 1;
  return { "CF-Connecting-IP": `198.51.${addresses >> 8}.${addresses & 255}` };
}

/** A limiter that cannot be asked. */
const awayLimiter = {
  getByName: () => ({
    take: async () => {
      throw new Error("The limiter is away.");
    },
  }),
};

// Without the keys, every request of a burst would ask for them under a time limit of its own, and all of a test's
// requests share the runtime's 10,000 timers.
beforeAll(async () => {
  const { headers } = await signIn();
  expect((await call("/orders", { headers })).status).toBe(200);
});

describe("the exact limit", () => {
  test.each([60, 600])(
    "lets exactly %i of 5,000 concurrent requests through, and what became free",
    { timeout: BURST_TIMEOUT_MS },
    async (limit) => {
      const { headers } = await signIn();
      const started = Date.now();
      const answers = await Promise.all(
        Array.from({ length: BURST }, () => callWith({ RATE_LIMIT: String(limit) }, "/orders", { headers })),
      );
      const becameFree = Math.floor(((Date.now() - started) * limit) / 60_000);
      const through = answers.filter(({ status }) => status === 200).length;
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(BURST - through);
      expect(through).toBeGreaterThanOrEqual(limit);
      expect(through).toBeLessThanOrEqual(limit + becameFree);
    },
  );

  test("is each key's own, and not taken from its owner's", async () => {
    const owner = await signIn();
    const limit = 20;
    const send = (headers: Record<string, string>) => callWith({ RATE_LIMIT: String(limit) }, "/orders", { headers });
    const started = Date.now();
    const keys = await Promise.all([1, 2].map(() => credentialOf("key", false, owner.id)));
    for (const caller of [...keys.map(({ text }) => ({ "X-API-Key": text })), owner.headers]) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(caller)));
      const through = answers.filter(({ status }) => status === 200).length;
      const becameFree = Math.floor(((Date.now() - started) * limit) / 60_000);
      expect(through).toBeGreaterThanOrEqual(limit);
      expect(through).toBeLessThanOrEqual(limit + becameFree);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(answers.length - through);
    }
  });

  test("is as exact where no isolate remembers who is blocked", { timeout: BURST_TIMEOUT_MS }, async () => {
    const limiter = (env as unknown as Env).RATE_LIMITER.getByName("api:somebody");
    const started = Date.now();
    const decisions = await Promise.all(Array.from({ length: BURST }, () => limiter.take(100)));
    const becameFree = Math.floor(((Date.now() - started) * 100) / 60_000);
    const through = decisions.filter(({ allowed }) => allowed).length;
    expect(through).toBeGreaterThanOrEqual(100);
    expect(through).toBeLessThanOrEqual(100 + becameFree);
  });

  test("says in the fields of the standard what is left and when to come back", async () => {
    const headers = newAddress();
    const first = await call("/user/soap?username=john", { headers });
    const policy = parseList(first.headers.get("RateLimit-Policy") ?? "");
    expect(policy).toEqual([
      [
        "lookup",
        new Map([
          ["q", 30],
          ["w", 60],
        ]),
      ],
    ]);
    expect(parseList(first.headers.get("RateLimit") ?? "")).toEqual([
      [
        "lookup",
        new Map([
          ["r", 29],
          ["t", 2],
        ]),
      ],
    ]);

    await Promise.all(Array.from({ length: 40 }, () => call("/user/soap?username=john", { headers })));
    for (const again of ["decided by the object", "known to the isolate"]) {
      const refused = await call("/user/soap?username=john", { headers });
      expect([again, refused.status]).toEqual([again, 429]);
      const [[name, parameters]] = parseList(refused.headers.get("RateLimit") ?? "") as [[string, Map<string, number>]];
      expect([name, parameters.get("r")]).toEqual(["lookup", 0]);
      expect(refused.headers.get("Retry-After")).toBe(String(parameters.get("t")));
      expect(parseList(refused.headers.get("RateLimit-Policy") ?? "")).toEqual(policy);
      expect(await refused.json()).toMatchObject({ status: 429, code: "rate_limited" });
    }
  });

  test("lets a script register sixty people a minute from one address, and no more than twice that", async () => {
    const headers = newAddress();
    const register = () => call("/register", { method: "POST", body: "{}", headers });
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 150 }, register));
    const through = answers.filter(({ status }) => status === 200).length;
    expect(through).toBeGreaterThanOrEqual(60);
    // One becomes free every half a second.
    expect(through).toBeLessThanOrEqual(120 + Math.ceil((Date.now() - began) / 500));
  });

  test.each(["X-Forwarded-For", "X-Real-IP", "True-Client-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IPv6"])(
    "is not escaped by a made-up %s",
    async (name) => {
      const address = newAddress();
      const left = async (claimed: string) => {
        const headers = { ...address, [name]: claimed };
        const answer = await call("/login", { method: "POST", body: "{}", headers });
        return answer.headers.get("RateLimit")?.match(/r=(\d+)/)?.[1];
      };
      expect([await left("203.0.113.1"), await left("203.0.113.2")]).toEqual(["119", "118"]);
    },
  );

  test("does without while the limiter is away, but lets nobody sign in or look names up", async () => {
    const send = (path: string, method = "GET") =>
      callWith({ RATE_LIMITER: awayLimiter }, path, { method, headers: newAddress() });
    expect((await send("/orders")).status).toBe(200);
    for (const [path, method] of [
      ["/login", "POST"],
      ["/register", "POST"],
      ["/user/soap?username=john", "GET"],
    ] as const) {
      const answer = await send(path, method);
      expect([path, answer.status, answer.headers.get("Retry-After")]).toEqual([path, 503, "5"]);
    }
  });

  test("counts no look at health, status, signed bytes, a resumed upload, the public keys or the page", async () => {
    const headers = newAddress();
    for (const path of UNCOUNTED) {
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => callWith({ RATE_LIMIT: "5" }, path, { headers })),
      );
      expect([path, answers.filter(({ status }) => status === 429).length]).toEqual([path, 0]);
    }
  });
});

describe("an address that the isolate knows to be over a limit", () => {
  const SOAP = "/user/soap?username=john";
  const SHOP = "https://shop.example";
  const listed = { CORS_ORIGINS: SHOP };

  /** An address over a limit. */
  async function blocked(path: string, changed: Partial<Env> = {}) {
    const headers = newAddress();
    const ask = doorWith(changed);
    await Promise.all(Array.from({ length: 40 }, () => ask(path, headers)));
    expect((await ask(path, headers)).status).toBe(429);
    return headers;
  }

  test("gets a whole answer: its own id, the security headers, and what caches must know", async () => {
    const headers = { ...(await blocked(SOAP)), "X-Request-Id": "my-own-id-42" };
    const refused = await doorWith(listed)(SOAP, headers);
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      "content-type": "application/problem+json",
      "x-request-id": "my-own-id-42",
      "x-content-type-options": "nosniff",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
      vary: "Origin",
    });
    expect(await refused.json()).toMatchObject({ code: "rate_limited", requestId: "my-own-id-42" });
  });

  test("costs neither the shield nor the limiter nor a service a call", async () => {
    const headers = await blocked(SOAP);
    const asked = vi.fn();
    const untouched = { RATE_LIMITER: { getByName: asked }, AUTH_HTTP: { fetch: asked }, SHIELD: { limit: asked } };
    expect((await doorWith(untouched as unknown as Partial<Env>)(SOAP, headers)).status).toBe(429);
    expect(asked).not.toHaveBeenCalled();
  });

  test("leaves the line in the log that any request does", async () => {
    const headers = { ...(await blocked(SOAP)), "X-Request-Id": "my-own-id-43" };
    const log = vi.spyOn(console, "log");
    await doorWith({ LOG_LEVEL: "info" })(SOAP, headers);
    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)));
    log.mockRestore();
    const line = { msg: "request", method: "GET", path: "/user/soap", route: "/user/soap", status: 429 };
    expect(lines).toEqual([expect.objectContaining({ ...line, requestId: "my-own-id-43" })]);
  });

  test("does not stand in the way of a user behind it, nor of a browser that asks before it sends", async () => {
    const few = { ...listed, RATE_LIMIT: "5" };
    const address = await blocked("/orders", few);
    const { headers } = await signIn();
    const ask = doorWith(few);
    expect((await ask("/orders", { ...address, ...headers })).status).toBe(200);
    const page = { ...address, Origin: SHOP, "Access-Control-Request-Method": "GET" };
    for (const [method, status] of [
      ["OPTIONS", 204],
      ["GET", 429],
    ] as const) {
      const answer = await ask("/orders", page, method);
      expect([answer.status, answer.headers.get("Access-Control-Allow-Origin")]).toEqual([status, SHOP]);
    }
  });
});

/** Sends requests as so many clients would that each wait for an answer; answers how often each status came. */
async function sendAll(requests: (() => Promise<Response>)[], atOnce: number): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  const waiting = requests.values();
  const client = async () => {
    for (const request of waiting) {
      const { status } = await request();
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return counts;
}

describe("within the limits as they are set, nobody is told to wait who", () => {
  const times = (count: number, send: (n: number) => Promise<Response>) =>
    Array.from({ length: count }, (_, n) => () => send(n));

  // The page asks for 24 photos at a time, then for each photo's details and two of its sizes. It sends three files at
  // once, asks after each until its sizes are made, and then for its details again.
  test("drops fifty files on the page and looks at a hundred photos", async () => {
    const { headers } = await signIn();
    const read = (path: string) => call(path, { headers });
    const drop = times(50, () => call("/api/images", { method: "PUT", body: "a photo", headers }));
    const status = times(50 * 10, (n) => read(`/api/images/${n % 50}/status`));
    const pages = times(5, (n) => read(`/api/images?limit=24&cursor=${n}`));
    const details = times(150, (n) => read(`/api/images/${n}`));
    const sizes = times(200, (n) => call(`/uploads/${n}?signature=x`));
    const requests = [...drop, ...status, ...pages, ...details, ...sizes];
    expect(await sendAll(requests, 6)).toEqual({ 200: requests.length });
  });

  test("asks a thousand times how the system is, ten at once", { timeout: BURST_TIMEOUT_MS }, async () => {
    const headers = newAddress();
    const asked = times(1_000, () => call("/health", { headers }));
    expect(await sendAll(asked, 10)).toEqual({ 200: 1_000 });
  });
});

describe("the shield", () => {
  const shieldThat = (limit: () => Promise<{ success: boolean }>) => ({ SHIELD: { limit } });

  test("turns a flood away before anybody is asked anything", async () => {
    const closed = shieldThat(async () => ({ success: false }));
    const answer = await callWith({ ...closed, RATE_LIMITER: awayLimiter, AUTH: null }, "/login", {
      method: "POST",
      headers: newAddress(),
    });
    expect(answer.status).toBe(429);
    expect(answer.headers.get("Retry-After")).toBe("10");
    expect(answer.headers.get("Strict-Transport-Security")).not.toBeNull();
    expect(await answer.json()).toMatchObject({ code: "rate_limited" });
  });

  test("counts one address, an IPv6 household as one", async () => {
    const keys: string[] = [];
    const SHIELD = {
      limit: async ({ key }: { key: string }) => {
        keys.push(key);
        return { success: true };
      },
    };
    for (const ip of ["198.51.100.1", "2001:db8::1", "2001:db8:0:0:9::2"]) {
      await callWith({ SHIELD }, "/health", { headers: { "CF-Connecting-IP": ip } });
    }
    expect(keys).toEqual(["198.51.100.1", "2001:db8:0:0", "2001:db8:0:0"]);
  });

  test("is done without when it is away", async () => {
    const broken = shieldThat(async () => {
      throw new Error("The shield is away.");
    });
    expect((await callWith(broken, "/health", { headers: newAddress() })).status).toBe(200);
  });

  test("is there, and lies far above what the exact limits let through", { timeout: BURST_TIMEOUT_MS }, async () => {
    const { SHIELD } = env as unknown as { SHIELD: RateLimit };
    const asked = await Promise.all(Array.from({ length: 2_000 }, () => SHIELD.limit({ key: "somebody" })));
    expect(asked.every(({ success }) => success)).toBe(true);
  });
});
