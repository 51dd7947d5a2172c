import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { problemResponse } from "../../../shared/http/problem.ts";
import { PUBLISHED_KEYS_NAME } from "../../../shared/http/published-keys.ts";
import { newId } from "../../../shared/ids.ts";
import { ENDED_SESSIONS_NAME } from "../../../workers/gateway/src/callers/ended-sessions.do.ts";
import type { Env } from "../../../workers/gateway/src/env.ts";
import app from "../../../workers/gateway/src/index.ts";
import type { TestEnv } from "../env.ts";
import { signIn } from "../sign-in.ts";

const gatewayEnv = env as unknown as Env & TestEnv;

type Answer = (request: Request) => Promise<Response> | Response;

/** A service that answers as it is told, and what it was asked. */
function service(answer: Answer) {
  const asked: Request[] = [];
  const fetch: Answer = (request) => {
    asked.push(request);
    return answer(request);
  };
  return { asked, binding: { fetch: async (request: Request) => fetch(request) } as unknown as Fetcher };
}

/** A gateway of its own: breakers and counts begin anew with each environment. */
function gateway(changed: Partial<Env>, handler = app) {
  const own = { ...gatewayEnv, ...changed };
  return async (path: string, init: RequestInit = {}) =>
    handler.fetch(new Request(`http://halftone.test${path}`, init), own, createExecutionContext());
}

const well: Answer = () => Response.json({ well: true });
const broken: Answer = () => Promise.reject(new Error("gone"));

async function codeOf(response: Response): Promise<[number, string]> {
  const { code } = await response.json<{ code: string }>();
  return [response.status, code];
}

describe("a read is tried again", () => {
  test.each(["GET", "HEAD"])("when the service fails: %s", async (method) => {
    let calls = 0;
    const { asked, binding } = service((request) => (calls++ === 0 ? broken(request) : well(request)));
    expect((await gateway({ ORDERS_HTTP: binding })("/orders", { method })).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  test("at most twice", async () => {
    const { asked, binding } = service(broken);
    expect(await codeOf(await gateway({ ORDERS_HTTP: binding })("/orders"))).toEqual([503, "service_unavailable"]);
    expect(asked).toHaveLength(3);
  });

  test("by one call in ten, when everything fails", async () => {
    const { asked, binding } = service(broken);
    const call = gateway({ ORDERS_HTTP: binding, MAX_IN_FLIGHT: "1000" });
    await Promise.all(Array.from({ length: 50 }, () => call("/orders")));
    expect(asked.length).toBeLessThanOrEqual(50 + 10 + 5);
  });

  test.each([
    ["POST", "/orders", "{}"],
    ["PUT", "/api/images", "bytes"],
    ["DELETE", "/api/images/42", undefined],
    ["GET", "/test-db", undefined],
  ])("but not %s %s", async (method, path, body) => {
    const { asked, binding } = service(broken);
    const call = gateway({ ORDERS_HTTP: binding, IMAGES_HTTP: binding, AUTH_HTTP: binding });
    expect((await call(path, { method, body })).status).toBe(503);
    expect(asked).toHaveLength(1);
  });
});

describe("what a service answers", () => {
  const PROBLEM = { requestId: "abcdefgh" };

  test("is its own failure in plain JSON too, where its protocol says so", async () => {
    const unavailable: Answer = () => Response.json({ code: "unavailable", message: "Busy." }, { status: 503 });
    const { asked, binding } = service(unavailable);
    const call = gateway({ IMAGES_HTTP: binding });
    for (let count = 0; count < 12; count++) {
      const answer = await call("/halftone.images.v1.ImageDelivery/ListImages", { method: "POST", body: "{}" });
      expect(await codeOf(answer)).toEqual([503, "unavailable"]);
    }
    expect(asked).toHaveLength(12);
    expect(await codeOf(await call("/api/jobs/1"))).toEqual([503, "service_unavailable"]);
  });

  test("to JSON of more than 64 KiB, on paths that take files only, is not the gateway's refusal", async () => {
    const { binding } = service(well);
    const call = gateway({ IMAGES_HTTP: binding, ORDERS_HTTP: binding });
    const long = {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify("a".repeat(70_000)),
    };
    expect((await call("/halftone.images.v1.ImageDelivery/UploadImage", long)).status).toBe(200);
    expect(await codeOf(await call("/orders", long))).toEqual([413, "payload_too_large"]);
  });

  test.each([
    ["a server error that no service wrote", () => new Response("<h1>502</h1>", { status: 502 }), 503],
    [
      "JSON that is none",
      () => new Response("<p>welcome</p>", { headers: { "Content-Type": "application/json" } }),
      502,
    ],
    ["half of a JSON answer", () => new Response('{"id":', { headers: { "Content-Type": "application/json" } }), 502],
  ])("becomes a problem document: %s", async (_name, answer, status) => {
    const { binding } = service(answer);
    const response = await gateway({ ORDERS_HTTP: binding })("/orders", { method: "POST", body: "{}" });
    expect(response.headers.get("Retry-After")).toBe("5");
    expect(await codeOf(response)).toEqual([status, status === 502 ? "unreadable_answer" : "service_unavailable"]);
  });

  test("passes as it is when the service wrote it, and is no outage: it is asked once, however often it says so", async () => {
    const { asked, binding } = service(() => problemResponse("busy", "The picture is being made.", PROBLEM));
    const call = gateway({ IMAGES_HTTP: binding });
    const codes = await Promise.all(Array.from({ length: 30 }, async () => codeOf(await call("/api/images"))));
    expect(new Set(codes.map(String))).toEqual(new Set(["503,busy"]));
    expect(asked).toHaveLength(30);
  });

  test.each([100, 4 * 1024, 10_000, 32 * 1024, 100_000])(
    "is checked to its end when it is JSON of %i bytes",
    async (bytes) => {
      const text = JSON.stringify("x".repeat(bytes - 2));
      const answer = async (body: string) => {
        const { binding } = service(() => new Response(body, { headers: { "Content-Type": "application/json" } }));
        return gateway({ ORDERS_HTTP: binding })("/orders", { method: "POST", body: "{}" });
      };
      expect(await (await answer(text)).text()).toBe(text);
      expect(await codeOf(await answer(text.slice(0, -1)))).toEqual([502, "unreadable_answer"]);
    },
  );

  test("passes whole when it is longer than what is checked", async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => ({ row, text: "an order, one of very many" }));
    const { binding } = service(() => Response.json(rows));
    expect(await (await gateway({ ORDERS_HTTP: binding })("/orders")).json()).toEqual(rows);
  });

  test("passes without being read when it is not JSON", async () => {
    const { binding } = service(() => new Response("not { json", { headers: { "Content-Type": "image/webp" } }));
    expect(await (await gateway({ IMAGES_HTTP: binding })("/uploads/1")).text()).toBe("not { json");
  });
});

describe("a service that keeps failing", () => {
  test("is given up, answered for at once, and tried again within five seconds", async () => {
    let isWell = false;
    const { asked, binding } = service((request) => (isWell ? well(request) : broken(request)));
    const call = gateway({ ORDERS_HTTP: binding });
    const post = () => call("/orders", { method: "POST", body: "{}" });
    for (let count = 0; count < 10; count++) await post();
    isWell = true;
    const refused = await post();
    expect(refused.headers.get("Retry-After")).toBe("5");
    expect(await codeOf(refused)).toEqual([503, "service_unavailable"]);
    expect(asked).toHaveLength(10);
    expect((await call("/api/audit/logs")).status).toBe(200);
    await expect.poll(async () => (await post()).status, { timeout: 5_000, interval: 200 }).toBe(200);
  });
});

describe("a service whose callers send what nobody signed", () => {
  test("is not given up for it", async () => {
    const value = { accessToken: "t", freshUntil: 0, userId: newId(), sessionId: newId(), everyRequest: true };
    const auth = { exchange: () => ({ ok: true, value }), revocations: () => ({ revocations: [], cursor: 0 }) };
    const { binding } = service(async (request) => Response.json({ body: await request.text() }));
    const call = gateway({ ORDERS_HTTP: binding, AUTH: auth as unknown as Env["AUTH"] });
    const headers = { "X-API-Key": "key.v1.signs", "Content-Digest": `sha-256=:${btoa("x".repeat(32))}:` };
    for (let count = 0; count < 12; count++) {
      expect(await codeOf(await call("/orders", { method: "POST", body: "{}", headers }))).toEqual([
        400,
        "invalid_digest",
      ]);
    }
    expect((await call("/orders")).status).toBe(200);
  });
});

describe("a service that has as many requests in hand as it may", () => {
  test("is not asked for more: the next is told to come back, and nobody queues", async () => {
    const waiting = Promise.withResolvers<void>();
    const { asked, binding } = service(async (request) => {
      await waiting.promise;
      return well(request);
    });
    const call = gateway({ ORDERS_HTTP: binding, MAX_IN_FLIGHT: "2" });
    const inHand = [call("/orders"), call("/orders")];
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    const refused = await call("/orders");
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await codeOf(refused)).toEqual([503, "busy"]);
    expect((await call("/api/audit/logs")).status).toBe(200);
    waiting.resolve();
    for (const answer of inHand) expect((await answer).status).toBe(200);
    expect((await call("/orders")).status).toBe(200);
  });
});

describe("addresses in place of a bound service", () => {
  afterEach(() => vi.restoreAllMocks());

  function elsewhere(answer: Answer) {
    const asked: Request[] = [];
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
      const request = new Request(input as Request);
      asked.push(request);
      return answer(request);
    });
    return { asked, hosts: () => asked.map(({ url }) => new URL(url).host) };
  }

  test("take turns, and get path, query, body and credential as the service would", async () => {
    const { asked, hosts } = elsewhere(async (request) => Response.json({ body: await request.text() }));
    const { headers } = await signIn();
    const call = gateway({ ORDERS_SERVICE_URL: "https://one.example, http://two.example:3001" });
    const init = { method: "POST", body: '{"a":1}', headers };
    for (let count = 0; count < 4; count++) {
      expect(await (await call("/orders?limit=2", init)).json()).toEqual({ body: '{"a":1}' });
    }
    expect(hosts()).toEqual(["one.example", "two.example:3001", "one.example", "two.example:3001"]);
    expect(asked[0]?.url).toBe("https://one.example/orders?limit=2");
    expect(asked[0]?.headers.get("Authorization")).toBe(headers.Authorization);
  });

  test("have a breaker each: one that is dead is left out", async () => {
    const { hosts } = elsewhere((request) => (request.url.includes("dead") ? broken(request) : well(request)));
    const call = gateway({ ORDER_SERVICE_URL: "https://dead.example https://good.example" });
    for (let count = 0; count < 20; count++) await call("/orders", { method: "POST", body: "{}" });
    const before = hosts().length;
    for (let count = 0; count < 10; count++) expect((await call("/orders")).status).toBe(200);
    expect(hosts().slice(before)).toEqual(Array.from({ length: 10 }, () => "good.example"));
  });

  test("are not asked about other services", async () => {
    const { asked } = elsewhere(well);
    await gateway({ ORDERS_SERVICE_URL: "https://one.example" })("/api/audit/logs");
    expect(asked).toEqual([]);
  });

  test("must be addresses", async () => {
    const response = await gateway({ ORDERS_SERVICE_URL: "orders:3001/api" })("/orders");
    expect(await codeOf(response)).toEqual([500, "misconfigured"]);
  });
});

describe("while auth is away", () => {
  const silent = { jwks: broken, exchange: broken, revocations: broken, sessionIsLive: broken };
  const never = () => new Promise<never>(() => {});
  const hung = { jwks: never, exchange: never, revocations: never, sessionIsLive: never };
  const garbled = { jwks: () => ({}), exchange: () => ({}), revocations: () => ({}), sessionIsLive: () => ({}) };
  const asAuth = (stub: object) => ({ AUTH: stub as unknown as Env["AUTH"] });

  /** The gateway's modules anew, as an isolate has them that starts now. */
  async function freshIsolate(): Promise<typeof app> {
    vi.resetModules();
    const { default: fresh } = await import("../../../workers/gateway/src/index.ts");
    // The pool restarts the objects of a module that is loaded anew, and fails their next call.
    await endedSessions()
      .recall()
      .catch(() => {});
    return fresh;
  }

  const endedSessions = () => gatewayEnv.ENDED_SESSIONS.getByName(ENDED_SESSIONS_NAME);

  async function publishKeys(): Promise<void> {
    await gatewayEnv.PUBLISHED_KEYS.put(PUBLISHED_KEYS_NAME, JSON.stringify(await gatewayEnv.AUTH.jwks()));
  }

  test.each([
    ["throws", silent],
    ["hangs", hung],
    ["answers something else", garbled],
  ])("an isolate that starts then still reads tokens, and knows ended sessions: auth %s", async (_name, stub) => {
    await publishKeys();
    const { headers } = await signIn();
    expect((await gateway({}, await freshIsolate())("/orders", { headers })).status).toBe(200);

    const ended = await signIn();
    const { sid } = JSON.parse(atob(ended.headers.Authorization.split(".")[1] ?? ""));
    await endedSessions().keep({ revocations: [{ sessionId: sid, until: Date.now() + 60_000 }], cursor: 1 });

    const call = gateway(asAuth(stub), await freshIsolate());
    expect((await call("/orders", { headers })).status).toBe(200);
    expect((await call("/orders", { headers: ended.headers })).status).toBe(401);
  });

  test("an isolate that starts then refuses everybody when nothing was ever published", async () => {
    const { headers } = await signIn();
    const call = gateway(asAuth(silent), await freshIsolate());
    expect(await codeOf(await call("/orders", { headers }))).toEqual([503, "service_unavailable"]);
  });

  test("keys wait, and after ten failures wait no longer than it takes to say so", async () => {
    let asked = 0;
    const exchange = () => {
      asked += 1;
      return broken(new Request("http://auth"));
    };
    const call = gateway(asAuth({ ...silent, exchange }), await freshIsolate());
    const withKey = () => call("/orders", { headers: { "X-API-Key": `key.v1.${crypto.randomUUID()}` } });
    for (let count = 0; count < 15; count++) expect((await withKey()).status).toBe(503);
    expect(asked).toBe(10);
  });
});
