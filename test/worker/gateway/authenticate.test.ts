import { env } from "cloudflare:workers";
import { importJWK, SignJWT } from "jose";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import type { TestEnv } from "../env.ts";
import { signIn } from "../sign-in.ts";
import { callWith } from "./door.ts";
import { auth, claimsOf, credentialOf } from "./scripted-auth.ts";

const { TEST_PRIVATE_JWK } = env as unknown as TestEnv;

interface Echo {
  path: string;
  headers: Record<string, string>;
}

async function travelling(path: string, headers: Record<string, string>): Promise<string | undefined> {
  const response = await call(path, { headers });
  expect(response.status).toBe(200);
  return (await response.json<Echo>()).headers.authorization;
}

const cookieHeader = (text: string) => ({ Cookie: `theme=dark; __Host-halftone=${text}` });
const OWN_PAGE = { "Sec-Fetch-Site": "same-origin" };

beforeEach(() => auth.setAway(false));

describe("what travels on", () => {
  test("is a good access token, as it came", async () => {
    const { headers } = await signIn();
    expect(await travelling("/orders", headers)).toBe(headers.Authorization);
  });

  test.each([
    ["Authorization: Bearer", "key", (text: string) => ({ Authorization: `Bearer ${text}` })],
    ["X-API-Key", "key", (text: string) => ({ "X-API-Key": text })],
    ["the cookie", "cookie", cookieHeader],
  ] as const)("is an access token in place of %s", async (_carrier, kind, headersOf) => {
    const { text, bearer } = await credentialOf(kind);
    const response = await call("/orders", { headers: headersOf(text) });
    const { headers } = await response.json<Echo>();
    expect(headers.authorization).toBe(bearer);
    expect(JSON.stringify(headers)).not.toContain(text);
    expect(Object.keys(headers)).not.toContain("cookie");
    expect(Object.keys(headers)).not.toContain("x-api-key");
  });

  test("is nothing of a stranger's cookies and of credentials of other schemes", async () => {
    expect(await travelling("/orders", { Cookie: "a=b" })).toBeUndefined();
    expect(await travelling("/orders", { Authorization: "Basic am9objpzZWNyZXQ=" })).toBeUndefined();
  });

  test("is the token, when a request shows several credentials", async () => {
    const { headers } = await signIn();
    const { text } = await credentialOf("cookie");
    expect(await travelling("/orders", { ...headers, ...cookieHeader(text), "X-API-Key": "key.v1.x" })).toBe(
      headers.Authorization,
    );
  });
});

describe("what was answered to somebody", () => {
  test("is no cache's to give to the next, whatever they showed", async () => {
    const { text, bearer } = await credentialOf("cookie");
    for (const headers of [cookieHeader(text), { Authorization: bearer }]) {
      expect((await call("/orders", { headers })).headers.get("Cache-Control")).toBe("private, no-cache");
    }
    expect((await call("/uploads/42")).headers.get("Cache-Control")).toBeNull();
  });
});

describe("a bad credential", () => {
  const BAD = {
    "a token that is none": { Authorization: "Bearer abc.def.ghi" },
    "a key that opens nothing": { Authorization: `Bearer key.v1.${newId()}.${newId()}.x` },
    "an X-API-Key that opens nothing": { "X-API-Key": `key.v1.${newId()}.${newId()}.y` },
    "an X-API-Key that is none": { "X-API-Key": "hello" },
    "a cookie sent as a token": { Authorization: `Bearer cookie.v1.${newId()}.${newId()}.z` },
  };

  test.each(Object.entries(BAD))("is 401 on closed and open routes: %s", async (_name, headers) => {
    for (const path of ["/orders", "/uploads/42", "/.well-known/jwks.json", "/api/keys"]) {
      const response = await call(path, { headers });
      expect([path, response.status]).toEqual([path, 401]);
      expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
      expect(await response.json()).toMatchObject({ code: "unauthenticated" });
    }
  });

  test.each(Object.entries(BAD))("holds nobody up who comes for a new one: %s", async (_name, headers) => {
    for (const path of ["/login", "/api/auth/refresh", "/refresh", "/api/users/register", "/api/auth/logout"]) {
      expect([path, await travelling(path, headers)]).toEqual([path, undefined]);
    }
  });

  test("is an expired token too", async () => {
    const key = await importJWK(TEST_PRIVATE_JWK, "EdDSA");
    const token = await new SignJWT({ sid: newId(), role: "user", jti: newId() })
      .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "test-key" })
      .setSubject(newId())
      .setIssuer("halftone")
      .setAudience("halftone")
      .setIssuedAt()
      .setExpirationTime("-1m")
      .sign(key);
    expect((await call("/orders", { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  test("costs auth hardly a call after some hundred of them from one address", async () => {
    const from = { "CF-Connecting-IP": "198.51.100.99" };
    const guess = () => call("/orders", { headers: { ...from, "X-API-Key": `key.v1.${newId()}` } });
    const began = Date.now();
    const answers = await Promise.all(Array.from({ length: 150 }, guess));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    const before = await auth.countExchanges();
    for (let more = 0; more < 50; more++) await guess();
    // One becomes free every half a second; a few are let in while the first are counted.
    const becameFree = Math.ceil((Date.now() - began) / 500);
    expect((await auth.countExchanges()) - before).toBeLessThanOrEqual(becameFree + 5);

    const { text } = await credentialOf("key");
    expect((await call("/orders", { headers: { "X-API-Key": text } })).status).toBe(200);
    const john = await signIn();
    expect((await call("/orders", { as: john, headers: from })).status).toBe(200);
  });
});

describe("a session cookie", () => {
  test("is plain on one's own machine and bound to the host elsewhere", async () => {
    const { text, bearer } = await credentialOf("cookie");
    const answer = await callWith({}, "http://localhost:8080/orders", { headers: { Cookie: `halftone=${text}` } });
    expect((await answer.json<Echo>()).headers.authorization).toBe(bearer);
    expect(await travelling("/orders", { Cookie: `halftone=${text}` })).toBeUndefined();
  });

  test("makes a stranger when it is dead, and is cleared", async () => {
    const dead = cookieHeader(`cookie.v1.${newId()}.${newId()}.x`);
    for (const path of ["/orders", "/uploads/42"]) {
      const response = await call(path, { headers: dead });
      expect(response.status).toBe(200);
      expect(response.headers.get("Set-Cookie")).toMatch(/^__Host-halftone=; Max-Age=0; Path=\/; HttpOnly; Secure/);
      expect((await response.json<Echo>()).headers.authorization).toBeUndefined();
    }
  });

  test("is not cleared by the sign-in that replaces it", async () => {
    const headers = {
      ...cookieHeader(`cookie.v1.${newId()}`),
      ...OWN_PAGE,
      "X-Stub-Set-Cookie": "__Host-halftone=new",
    };
    const response = await call("/login", { json: {}, headers });
    expect(response.headers.getSetCookie()).toEqual(["__Host-halftone=new"]);
  });

  test.each([
    [200, OWN_PAGE],
    [200, { "Sec-Fetch-Site": "none" }],
    [200, { Origin: "http://halftone.test" }],
    [403, {}],
    [403, { "Sec-Fetch-Site": "cross-site", Origin: "http://halftone.test" }],
    [403, { "Sec-Fetch-Site": "same-site" }],
    [403, { Origin: "null" }],
    [403, { Origin: "https://halftone.test" }],
    [403, { Origin: "http://halftone.test.evil.example" }],
  ])("changes something (%i) only from our own page: %j", async (status, headers) => {
    const { text } = await credentialOf("cookie");
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const response = await call("/orders", { method, headers: { ...cookieHeader(text), ...headers } });
      expect([method, response.status]).toEqual([method, status]);
    }
    expect((await call("/orders", { headers: { ...cookieHeader(text), ...headers } })).status).toBe(200);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])(
    "moves nothing for a form of another site that no preflight announces: %j",
    async (type) => {
      const { text } = await credentialOf("cookie");
      const foreign = { ...cookieHeader(text), Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
      for (const path of ["/orders", "/api/users/me/password", "/api/keys", "/upload", "/api/files"]) {
        const response = await call(path, { method: "POST", headers: { ...foreign, "Content-Type": type }, body: "x" });
        expect([path, response.status]).toEqual([path, 403]);
        expect(await response.json()).toMatchObject({ code: "cross_site_request" });
      }
    },
  );

  test("is no use to pages that may call the API: they are never let in with it", async () => {
    const { text } = await credentialOf("cookie");
    const page = { Origin: "https://shop.example", "Sec-Fetch-Site": "cross-site" };
    const read = await callWith({ CORS_ORIGINS: "https://shop.example" }, "/orders", {
      headers: { ...page, ...cookieHeader(text) },
    });
    expect(read.headers.get("Access-Control-Allow-Origin")).toBe("https://shop.example");
    expect(read.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });

  test("does not log out by another site's page", async () => {
    const { text } = await credentialOf("cookie");
    const foreign = { ...cookieHeader(text), "Sec-Fetch-Site": "cross-site" };
    const response = await call("/logout", { method: "POST", headers: foreign });
    expect((await response.json<Echo>()).headers.authorization).toBeUndefined();
  });
});

describe("an exchange", () => {
  test("is made anew for every request where each is signed", async () => {
    const { text } = await credentialOf("key", true);
    const before = await auth.countExchanges();
    for (let i = 0; i < 3; i++) await travelling("/orders", { "X-API-Key": text });
    expect(await auth.countExchanges()).toBe(before + 3);
  });

  test("counts its user as one caller, whatever they show", async () => {
    const { text, bearer } = await credentialOf("cookie");
    const left = async (headers: Record<string, string>) =>
      Number(/r=(\d+)/.exec((await call("/orders", { headers })).headers.get("RateLimit") ?? "")?.[1]);
    expect(await left(cookieHeader(text))).toBe(599);
    // One comes back every tenth of a second, so there are more than come back meanwhile.
    await Promise.all(Array.from({ length: 50 }, () => left(cookieHeader(text))));
    expect(await left({ Authorization: bearer })).toBeLessThan(599);
  });
});

describe("an ended session", () => {
  const within = { timeout: 4_000, interval: 200 };

  test.each(["token", "key", "cookie"] as const)("is refused within five seconds by its %s", async (shown) => {
    const { text, bearer, sessionId } = await credentialOf(shown === "key" ? "key" : "cookie");
    const shows = { token: { Authorization: bearer }, key: { "X-API-Key": text }, cookie: cookieHeader(text) };
    const reached = async () => (await travelling("/orders", shows[shown])) !== undefined;
    expect(await reached()).toBe(true);
    await auth.revoke(sessionId);
    await vi.waitFor(async () => {
      const response = await call("/orders", { headers: shows[shown] });
      const isStranger = response.status === 200 && !(await response.json<Echo>()).headers.authorization;
      expect(response.status === 401 || isStranger).toBe(true);
    }, within);
  });

  test("is refused at once with SESSION_CHECK=always", async () => {
    const { headers } = await signIn();
    const always = () => callWith({ SESSION_CHECK: "always" }, "/orders", { headers });
    expect((await always()).status).toBe(200);
    await auth.revoke(claimsOf(headers.Authorization).sid);
    expect((await always()).status).toBe(401);
  });
});

/** Last, because the isolate's memory of what it has asked does not go back in time with the clock. */
describe("as time passes", () => {
  test("an exchange serves all requests of a minute, then is made anew", async () => {
    const { text } = await credentialOf("key");
    const before = await auth.countExchanges();
    for (let i = 0; i < 5; i++) await travelling("/orders", { "X-API-Key": text });
    expect(await auth.countExchanges()).toBe(before + 1);
    vi.setSystemTime(Date.now() + 61_000);
    await travelling("/orders", { "X-API-Key": text });
    vi.useRealTimers();
    expect(await auth.countExchanges()).toBe(before + 2);
  });

  test("tokens go on by the last list while auth is away; keys wait, and so does SESSION_CHECK=always", async () => {
    const { headers } = await signIn();
    expect(await travelling("/orders", headers)).toBeDefined();
    await auth.setAway(true);
    vi.setSystemTime(Date.now() + 300_000);
    expect(await travelling("/orders", headers)).toBeDefined();
    vi.useRealTimers();
    const waiting = await call("/orders", { headers: { "X-API-Key": `key.v1.${newId()}` } });
    expect([waiting.status, waiting.headers.get("Retry-After")]).toEqual([503, "5"]);
    const cookie = cookieHeader(`cookie.v1.${newId()}`);
    expect((await call("/orders", { headers: cookie })).status).toBe(503);
    expect(await travelling("/uploads/42", cookie)).toBeUndefined();
    expect((await callWith({ SESSION_CHECK: "always" }, "/orders", { headers })).status).toBe(503);
  });
});

describe("a signed link", () => {
  test.each([
    ["a bad token", { Authorization: "Bearer not.a.token" }],
    ["a bad key", { "X-API-Key": "key.v1.not.a.key" }],
    ["a dead cookie", cookieHeader("cookie.v1.not.a.cookie")],
    ["another site's page behind it", { "X-API-Key": "key.v1.not.a.key", Origin: "https://shop.example" }],
  ])("is followed for anybody, even with %s, and asks auth nothing", async (_what, headers) => {
    auth.setAway(true);
    for (const method of ["GET", "HEAD"]) {
      const response = await call("/uploads/42?key=x&signature=y", { method, headers });
      expect([response.status, response.headers.get("Set-Cookie")]).toEqual([200, null]);
      if (method === "GET") expect((await response.json<Echo>()).headers).not.toHaveProperty("authorization");
    }
  });

  test("is one only where links are taken, and only by the name of its signature", async () => {
    const headers = { "X-API-Key": "key.v1.not.a.key" };
    for (const path of ["/orders?signature=x", "/uploads/42?key=signature", "/uploads/42?x=signature=y"]) {
      expect([path, (await call(path, { headers })).status]).toEqual([path, 401]);
    }
  });

  test("carries id, trace and security headers like any other answer", async () => {
    const response = await call("/uploads/42?signature=x", { headers: { "X-Request-Id": "my-own-id-42" } });
    expect(response.headers.get("X-Request-Id")).toBe("my-own-id-42");
    expect(response.headers.get("X-Frame-Options")).toBe("DENY");
    const { headers } = await response.json<Echo>();
    expect(headers["x-request-id"]).toBe("my-own-id-42");
    expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test("is refused when its address floods, or its headers are too long", async () => {
    const flooding = { SHIELD: { limit: async () => ({ success: false }) } };
    const address = { "CF-Connecting-IP": "198.51.100.7" };
    expect((await callWith(flooding, "/uploads/42?signature=x", { headers: address })).status).toBe(429);
    expect((await callWith({}, "/uploads/42?signature=x", { headers: { "X-Long": "x".repeat(40_000) } })).status).toBe(
      431,
    );
  });
});
