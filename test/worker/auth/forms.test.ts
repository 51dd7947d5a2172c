import { describe, expect, test } from "vitest";
import type { SignedIn } from "../../../shared/contracts/users.ts";
import { call } from "../call.ts";
import { PASSWORD, register, rpc, sessionEvents, waitingEvents } from "./people.ts";

const JOHN = { email: "john@example.com", password: PASSWORD };
const BROWSER = {
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  Origin: "http://halftone.test",
  "Sec-Fetch-Site": "same-origin",
};

function sendForm(path: string, fields: Record<string, string> | [string, string][], headers: object = {}) {
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  return call(path, { body: String(new URLSearchParams(fields)), headers: { ...type, ...headers } });
}

async function codeOf(response: Response): Promise<string> {
  return (await response.json<{ code: string }>()).code;
}

describe("a form", () => {
  test.each([
    "/register-form",
    "/register",
    "/auth/register",
    "/api/register",
    "/api/auth/register",
    "/api/users/register",
  ])("registers on %s, with the answer of the JSON door", async (path) => {
    const response = await sendForm(path, { ...JOHN, name: "John Doe", username: "" });
    expect(response.status).toBe(201);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const answer = await response.json<SignedIn>();
    expect(answer).toMatchObject({ email: JOHN.email, user: { name: "John Doe", username: "john" } });
    expect("token" in answer).toBe(path.startsWith("/api/users/"));
    expect((await call("/profile", { headers: { Authorization: `Bearer ${answer.accessToken}` } })).status).toBe(200);
  });

  test.each(["/login-form", "/login", "/auth/login", "/api/login", "/api/auth/login", "/api/users/login"])(
    "signs in on %s",
    async (path) => {
      const john = await register(JOHN.email);
      const response = await sendForm(path, JOHN);
      expect([response.status, (await response.json<SignedIn>()).userId]).toEqual([200, john.id]);
    },
  );

  test("may be multipart", async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...JOHN, name: "Ünal" })) form.set(name, value);
    const response = await call("/register-form", { body: form });
    expect([response.status, (await response.json<SignedIn>()).user.name]).toEqual([201, "Ünal"]);
  });

  test("of a browser brings the session cookie instead of tokens, and leads to the page", async () => {
    const john = await register(JOHN.email);
    const response = await sendForm("/login-form", JOHN, BROWSER);
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/"]);
    expect(await response.text()).toBe("");

    const setCookie = response.headers.get("Set-Cookie") ?? "";
    expect(setCookie).toMatch(/^__Host-halftone=cookie\.v1\..*; HttpOnly; Secure; SameSite=Strict$/);
    const cookie = /=([^;]*)/.exec(setCookie)?.[1] ?? "";
    const use = { ip: null, userAgent: null, method: "GET", url: "http://halftone.test/", headers: [] };
    expect(await rpc.AuthService.exchange(cookie, use)).toMatchObject({ ok: true, value: { userId: john.id } });
  });

  test("of a browser registers the same way", async () => {
    const response = await sendForm("/register-form", JOHN, BROWSER);
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/"]);
    expect(response.headers.get("Set-Cookie")).toContain("__Host-halftone=cookie.v1.");
    const [event] = await waitingEvents();
    expect(await sessionEvents(event?.account ?? "")).toMatchObject([{ type: "session.opened" }]);
  });

  test("brings the cookie to whoever asks for it and wants JSON", async () => {
    await register(JOHN.email);
    const response = await sendForm("/login-form", JOHN, { "X-Session-Mode": "cookie" });
    expect(response.headers.get("Set-Cookie")).toContain("cookie.v1.");
    expect("accessToken" in (await response.json<object>())).toBe(false);
  });
});

describe("a form that is refused", () => {
  test("is a problem document with its status, for browsers too", async () => {
    await register(JOHN.email);
    const wrong = await sendForm("/login-form", { ...JOHN, password: "not the password" }, BROWSER);
    expect([wrong.status, await codeOf(wrong)]).toEqual([401, "invalid_credentials"]);
    expect(wrong.headers.get("Set-Cookie")).toBe(null);
    const taken = await sendForm("/register-form", JOHN, BROWSER);
    expect([taken.status, await codeOf(taken)]).toEqual([409, "email_taken"]);
  });

  test("names the fields that do not fit, and those that there are not", async () => {
    const response = await sendForm("/register-form", { email: "no address", password: "short", role: "admin" });
    expect(response.status).toBe(422);
    const { errors } = await response.json<{ errors: { path: string; message: string }[] }>();
    expect(errors.map(({ path, message }) => `${path} ${message}`).join("\n")).toMatch(/email.*\npassword.*\n.*role/);
  });

  test.each([
    ["with a field twice", [...Object.entries(JOHN), ["email", "evil@example.com"]] as [string, string][], 400],
    ["with a field __proto__", [...Object.entries(JOHN), ["__proto__", "admin"]] as [string, string][], 422],
    ["with a field constructor", [...Object.entries(JOHN), ["constructor", "admin"]] as [string, string][], 422],
    ["without fields", [] as [string, string][], 422],
  ])("%s leaves nothing", async (_, fields, status) => {
    expect((await sendForm("/register-form", fields)).status).toBe(status);
    expect(await waitingEvents()).toEqual([]);
  });

  test("with a file in a field leaves nothing", async () => {
    const form = new FormData();
    form.set("email", JOHN.email);
    form.set("password", new File([PASSWORD], "password.txt"));
    const response = await call("/register-form", { body: form });
    expect([response.status, await codeOf(response)]).toEqual([400, "malformed_request"]);
  });

  test("is broken multipart", async () => {
    const headers = { "Content-Type": "multipart/form-data" };
    const response = await call("/register-form", { body: "no boundary", headers });
    expect([response.status, await codeOf(response)]).toEqual([400, "malformed_request"]);
  });

  test("is larger than any form, with or without its length", async () => {
    const large = String(new URLSearchParams({ ...JOHN, name: "x".repeat(65 * 1_024) }));
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    for (const body of [large, new Blob([large]).stream()]) {
      const response = await call("/register-form", { body, headers });
      expect([response.status, await codeOf(response)]).toEqual([413, "payload_too_large"]);
    }
  });

  test("is no form", async () => {
    for (const path of ["/register-form", "/login-form"]) {
      const response = await call(path, { json: JOHN });
      expect([path, response.status]).toEqual([path, 415]);
    }
  });
});

describe("a form on another site's page", () => {
  test.each([
    [{ "Sec-Fetch-Site": "cross-site" }],
    [{ "Sec-Fetch-Site": "same-site", Origin: "http://halftone.test" }],
    [{ Origin: "https://evil.example" }],
    [{ Origin: "null" }],
    [{ Origin: "http://halftone.test.evil.example" }],
    [{ Origin: "https://halftone.test" }],
  ])("that says %j is 403, urlencoded and multipart, and signs nobody in", async (said) => {
    const john = await register(JOHN.email);
    const multipart = new FormData();
    for (const [name, value] of Object.entries(JOHN)) multipart.set(name, value);
    const before = (await sessionEvents(john.id)).length;
    for (const path of ["/login-form", "/login", "/register-form", "/api/auth/register"]) {
      for (const response of [await sendForm(path, JOHN, said), await call(path, { body: multipart, headers: said })]) {
        expect([path, response.status, await codeOf(response)]).toEqual([path, 403, "cross_site_request"]);
        expect(response.headers.get("Set-Cookie")).toBe(null);
      }
    }
    expect(await sessionEvents(john.id)).toHaveLength(before);
  });

  test("cannot pass as plain text either", async () => {
    const headers = { "Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site" };
    expect((await call("/login", { body: JSON.stringify(JOHN), headers })).status).toBe(415);
  });

  test("is told from our own page, from a bookmark, and from clients that are no browsers", async () => {
    await register(JOHN.email);
    for (const said of [{}, { Origin: "http://halftone.test" }, { "Sec-Fetch-Site": "none" }, BROWSER]) {
      expect((await sendForm("/login-form", JOHN, said)).status).toBeLessThan(400);
    }
  });
});
