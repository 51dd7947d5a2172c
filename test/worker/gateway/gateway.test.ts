import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";

/** What the stubs behind the gateway answer with. */
interface Echo {
  stub: string;
  path: string;
  headers: Record<string, string>;
}

async function reach(path: string, options: Parameters<typeof call>[1] = {}) {
  return (await call(path, options)).json<Echo>();
}

describe("where requests go", () => {
  test.each([
    ["POST", "/register", "auth"],
    ["POST", "/auth/login", "auth"],
    ["POST", "/register-form", "auth"],
    ["POST", "/login-form", "auth"],
    ["GET", "/user/soap", "auth"],
    ["POST", "/user/soap", "auth"],
    ["POST", "/api/auth/refresh", "auth"],
    ["POST", "/api/users/logout", "auth"],
    ["GET", "/api/users/me", "auth"],
    ["GET", "/api/sessions/verify", "auth"],
    ["GET", "/last-connection", "auth"],
    ["POST", "/api/admin/signing-keys", "auth"],
    ["POST", "/api/admin/fsck", "images"],
    ["GET", "/api/admin/queue", "images"],
    ["POST", "/api/admin/jobs/redrive", "images"],
    ["GET", "/profile", "auth"],
    ["GET", "/.well-known/jwks.json", "auth"],
    ["POST", "/upload", "images"],
    ["PUT", "/api/images", "images"],
    ["GET", "/api/images/42/status", "images"],
    ["GET", "/uploads/42", "images"],
    ["GET", "/s/42", "images"],
    ["GET", "/api/files/42/meta", "images"],
    ["GET", "/orders", "orders"],
    ["PUT", "/api/orders/42/status", "orders"],
    ["GET", "/api/audit/logs", "audit"],
    ["GET", "/api/events", "webhooks"],
    ["PATCH", "/api/webhooks/42", "webhooks"],
    ["GET", "/events.schema.json", "webhooks"],
  ])("%s %s goes to %s, path untouched", async (method, path, service) => {
    const body = method === "GET" ? undefined : "{}";
    expect(await reach(path, { method, body })).toMatchObject({ stub: service, path, method });
  });

  test.each(["/nothing", "/api/nothing", "/apix/images", "/registers"])("%s is answered 404 here", async (path) => {
    const response = await call(path, { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
  });
});

describe("what travels along", () => {
  test("hands request id and trace on and back", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await call("/orders", { headers: { "X-Request-Id": "abcdef-123", traceparent } });
    expect(response.headers.get("X-Request-Id")).toBe("abcdef-123");
    const { headers } = await response.json<Echo>();
    expect(headers["x-request-id"]).toBe("abcdef-123");
    expect(headers.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$/);
  });

  test("drops what a stranger says about where they come from", async () => {
    const lies = { "X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.example", Forwarded: "for=6.6.6.6" };
    const { headers } = await reach("/orders", { headers: lies });
    expect(Object.keys(headers).filter((name) => name.includes("forwarded"))).toEqual([]);
  });
});

describe("the size of a body", () => {
  const declared = (bytes: number) => ({ method: "PUT", body: "{}", headers: { "Content-Length": String(bytes) } });

  test.each([
    ["/api/orders", 1024 * 1024],
    ["/api/images", 100 * 1024 * 1024],
  ])("is refused unread where it says that it is larger than %s takes", async (path, maxBytes) => {
    const response = await call(path, declared(maxBytes + 1));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "payload_too_large" });
  });

  test("is left to the service below that", async () => {
    expect((await call("/api/images", declared(100 * 1024 * 1024))).status).toBe(200);
  });
});

describe("limits", () => {
  test("lets as many through as the limit allows and has become free meanwhile", async () => {
    const john = await signIn();
    const started = Date.now();
    const answers = await Promise.all(Array.from({ length: 700 }, () => call("/orders", { as: john })));
    const through = answers.filter((answer) => answer.status === 200);
    const refused = answers.filter((answer) => answer.status === 429);
    const becameFree = Math.ceil((Date.now() - started) / 100);
    expect(through.length + refused.length).toBe(700);
    expect(through.length).toBeGreaterThanOrEqual(600);
    expect(through.length).toBeLessThanOrEqual(600 + becameFree);
    expect(Number(refused[0]?.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(refused[0]?.headers.get("Content-Type")).toBe("application/problem+json");
  });

  test("counts each user for themselves and says what is left", async () => {
    await Promise.all([call("/orders", { as: await signIn() })]);
    const response = await call("/orders", { as: await signIn() });
    expect(response.headers.get("RateLimit-Policy")).toBe('"api";q=600;w=60');
    expect(response.headers.get("RateLimit")).toMatch(/^"api";r=599;t=\d+$/);
  });

  test("counts lookups by address and tighter than anything else, whoever asks", async () => {
    const at = { headers: { "CF-Connecting-IP": "198.51.100.7" }, as: await signIn() };
    const answers = await Promise.all(Array.from({ length: 40 }, () => call("/user/soap?username=john", at)));
    expect(answers[0]?.headers.get("RateLimit-Policy")).toBe('"lookup";q=30;w=60');
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThan(35);
    expect((await call("/login", { ...at, body: "{}" })).status).toBe(200);
  });

  test("does not count status polling, health and signed bytes", async () => {
    for (const path of ["/api/images/42/status", "/health", "/uploads/42?signature=x"]) {
      expect((await call(path)).headers.get("RateLimit")).toBeNull();
    }
  });

  test("counts one IPv6 household as one address", async () => {
    const at = (ip: string) => call("/login", { method: "POST", body: "{}", headers: { "CF-Connecting-IP": ip } });
    const left = async (ip: string) => (await at(ip)).headers.get("RateLimit");
    expect(await left("2001:db8::1")).toMatch(/r=119;/);
    expect(await left("2001:db8:0:0:ffff::2")).toMatch(/r=118;/);
    expect(await left("2001:db8:0:1::2")).toMatch(/r=119;/);
  });
});

describe("health", () => {
  test.each(["/health", "/api/health", "/connected/health"])("%s answers for all services", async (path) => {
    const response = await call(path);
    expect(response.status).toBe(200);
    const report = await response.json<{ status: string; services: object; timestamp: string }>();
    expect(report.status).toBe("healthy");
    expect(Object.keys(report.services)).toEqual(["auth", "images", "resizer", "orders", "audit", "webhooks"]);
    expect(new Date(report.timestamp).toISOString()).toBe(report.timestamp);
  });
});

describe("headers", () => {
  test.each(["/health", "/nothing", "/orders"])("%s carries the security headers", async (path) => {
    const { headers } = await call(path);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(headers.get("Strict-Transport-Security")).toContain("max-age=");
  });

  test.each(["https://evil.example", "null"])("lets no page of %s read answers", async (origin) => {
    for (const path of ["/health", "/user/soap?username=john", "/register?wsdl"]) {
      const response = await call(path, { headers: { Origin: origin } });
      expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
    }
  });
});

describe("the page", () => {
  test.each(["/", "/app", "/app/photos/42"])(
    "is served on %s, with a policy that lets it run its own files",
    async (path) => {
      const { status, headers } = await call(path);
      expect([status, headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
      expect(headers.get("Content-Security-Policy")).toContain("script-src 'self'");
      expect(headers.get("Cache-Control")).toBe("no-cache");
    },
  );

  test("never stands in for a file that is missing, nor for an API path", async () => {
    for (const path of ["/assets/missing.js", "/application", "/api"]) {
      const response = await call(path);
      expect([path, response.status, response.headers.get("Content-Type")]).toEqual([
        path,
        404,
        "application/problem+json",
      ]);
    }
  });
});

test("merges the services' documents into one", async () => {
  const document = await (await call("/openapi.json")).json<{ openapi: string; paths: object }>();
  expect(document.openapi).toBe("3.1.0");
  expect(Object.keys(document.paths)).toContain("/api/orders");
});
