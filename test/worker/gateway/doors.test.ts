import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import { callWith } from "./door.ts";

const MIB = 1024 * 1024;

/** A body that fails the test when anybody reads it. */
function unreadableBody(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: () => expect.unreachable("The body was read.") }, { highWaterMark: 0 });
}

describe("what is too large", () => {
  test.each([
    ["POST", "/orders", MIB + 1],
    ["POST", "/login", MIB + 1],
    ["POST", "/user/soap", MIB + 1],
    ["PUT", "/api/images", 100 * MIB + 1],
    ["POST", "/upload", 100 * MIB + 1],
    ["POST", "/api/files", 100 * MIB + 1],
  ])("%s %s is refused unread when its body says so", async (method, path, length) => {
    const headers = { "Content-Length": String(length), "Content-Type": "application/octet-stream" };
    const answer = await callWith({ AUTH: null }, path, { method, headers, body: unreadableBody() });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: "payload_too_large" });
  });

  test("is an address of more than 8 KiB, and no shorter one", async () => {
    const long = await call(`/orders?q=${"x".repeat(8 * 1024)}`);
    expect([long.status, (await long.json<{ code: string }>()).code]).toEqual([414, "uri_too_long"]);
    expect((await call(`/orders?q=${"x".repeat(8_000)}`)).status).toBe(200);
  });

  test("are headers of more than 32 KiB in all, and no fewer", async () => {
    const headersOf = (bytes: number) =>
      Object.fromEntries(Array.from({ length: bytes / 1024 }, (_, index) => [`X-Filler-${index}`, "x".repeat(1_000)]));
    const many = await call("/orders", { headers: headersOf(40 * 1024) });
    expect([many.status, (await many.json<{ code: string }>()).code]).toEqual([431, "headers_too_large"]);
    expect((await call("/orders", { headers: headersOf(24 * 1024) })).status).toBe(200);
  });
});

describe("pages of other sites", () => {
  const SHOP = "https://shop.example";
  const listed = { CORS_ORIGINS: `${SHOP} https://desk.example` };

  test.each(["/health", "/orders", "/nothing", "/openapi.json", "/user/soap?username=john"])(
    "read %s where they are listed",
    async (path) => {
      const { headers } = await callWith(listed, path, { headers: { Origin: SHOP } });
      expect(headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
      expect(headers.get("Access-Control-Expose-Headers")).toContain("RateLimit");
      expect(headers.get("Vary")).toContain("Origin");
    },
  );

  test.each([
    ["nobody's", "https://evil.example"],
    ["no origin's", "null"],
    ["one with ours at its end", "https://evil-shop.example"],
    ["one with ours at its beginning", "https://shop.example.evil.example"],
    ["one with ours before an at sign", "https://shop.example@evil.example"],
    ["a lower floor", "https://sub.shop.example"],
    ["another spelling", "HTTPS://SHOP.EXAMPLE"],
    ["another scheme", "http://shop.example"],
    ["another port", "https://shop.example:8443"],
    ["one with a slash", "https://shop.example/"],
    ["both at once", `${SHOP}, https://desk.example`],
    ["everybody's", "*"],
    ["one with a dot", "https://shop.example."],
  ])("are not let in by %s", async (_, origin) => {
    for (const bindings of [listed, { CORS_ORIGINS: "" }]) {
      for (const path of ["/health", "/orders", "/user/soap?username=john"]) {
        const read = await callWith(bindings, path, { headers: { Origin: origin } });
        const preflight = await callWith(bindings, path, {
          method: "OPTIONS",
          headers: { Origin: origin, "Access-Control-Request-Method": "POST" },
        });
        for (const { headers } of [read, preflight]) {
          expect(headers.get("Access-Control-Allow-Origin")).toBeNull();
          expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
        }
      }
    }
  });

  test("are never let in by our cookie", async () => {
    const preflight = await callWith(listed, "/orders", {
      method: "OPTIONS",
      headers: { Origin: SHOP, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-api-key" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toBe("x-api-key");
    expect(preflight.headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });

  test("read what a resumable upload goes by", async () => {
    const { headers } = await callWith(listed, "/orders", { headers: { Origin: SHOP } });
    const readable = headers.get("Access-Control-Expose-Headers")?.split(/, ?/) ?? [];
    expect(readable).toEqual(expect.arrayContaining(["Location", "Upload-Offset", "Upload-Length", "X-File-Id"]));
    const preflight = await callWith(listed, `/api/uploads/${crypto.randomUUID()}`, {
      method: "OPTIONS",
      headers: {
        Origin: SHOP,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "tus-resumable, upload-offset",
      },
    });
    expect(preflight.headers.get("Access-Control-Allow-Origin")).toBe(SHOP);
    expect(preflight.headers.get("Access-Control-Allow-Methods")).toContain("PATCH");
    expect(preflight.headers.get("Access-Control-Allow-Headers")).toContain("upload-offset");
  });

  test("do not get from a cache what was answered to somebody who was no page", async () => {
    expect((await callWith(listed, "/health")).headers.get("Vary")).toContain("Origin");
  });
});

describe("every answer carries the security headers", () => {
  const misconfigured = { CORS_ORIGINS: "nonsense" };

  test.each([
    ["200", {}, "/orders", {}],
    ["204", {}, "/orders", { method: "OPTIONS" }],
    ["404", {}, "/nothing", {}],
    ["405", {}, "/health", { method: "POST" }],
    ["401", {}, "/orders", { headers: { Authorization: "Bearer nonsense" } }],
    [
      "413 of the first door",
      {},
      "/orders",
      { method: "POST", body: "x".repeat(70_000), headers: { "Content-Type": "application/json" } },
    ],
    ["414", {}, `/?${"x".repeat(9_000)}`, {}],
    ["500 of a wrong setting", misconfigured, "/orders", {}],
    ["500 of a broken binding", { SHIELD: { limit: async () => ({ success: true }) }, ASSETS: null }, "/app", {}],
  ])("%s", async (name, bindings, path, init) => {
    const { status, headers } = await callWith(bindings, path, init);
    expect(name).toContain(String(status));
    expect(headers.get("Strict-Transport-Security")).toBe("max-age=31536000; includeSubDomains");
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(headers.get("Cross-Origin-Opener-Policy")).toBe("same-origin");
    expect(headers.get("Cross-Origin-Resource-Policy")).toBe("same-origin");
  });
});

describe("a line in the log", () => {
  test("stays one line of JSON whatever the caller writes", async () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      const path = `/orders/${encodeURIComponent('\r\n\u001b[31m{"level":"error"}')}?x=%0d%0a`;
      await callWith({ LOG_LEVEL: "info" }, path, {
        headers: { "X-Request-Id": "forged id\u001b[2J", "User-Agent": "\u001b[31m" },
      });
    } finally {
      console.log = log;
    }
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(line).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(JSON.parse(line)).toMatchObject({ service: "gateway" });
      expect(JSON.parse(line).requestId).not.toContain("forged");
    }
  });
});
