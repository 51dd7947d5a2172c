import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { fetchWith, register, rpc } from "./people.ts";

describe("the door", () => {
  test("answers 400 to broken JSON, 415 to another type, 405 with Allow, 404 to an unknown path", async () => {
    const headers = { "Content-Type": "application/json" };
    expect((await call("/register", { body: "{", headers })).status).toBe(400);
    expect((await call("/register", { body: "a", headers: { "Content-Type": "text/plain" } })).status).toBe(415);
    const wrongMethod = await call("/register");
    expect([wrongMethod.status, wrongMethod.headers.get("Allow")]).toEqual([405, "POST"]);
    expect((await call("/api/nothing")).status).toBe(404);
  });

  test.each(["/profile", "/api/users", "/users/1", "/api/users/me"])(
    "answers 401 with a challenge to a stranger on %s",
    async (path) => {
      const response = await call(path);
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toContain("Bearer");
    },
  );

  test("tests the database for whoever asks", async () => {
    const response = await call("/test-db");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "ok", database: "reachable" });
    expect(await (await call("/health")).json()).toMatchObject({ status: "healthy", service: "auth" });
  });

  test("answers 503 when the database is away", async () => {
    const prepare = () => {
      throw new Error("away");
    };
    const away = { DB: { prepare } as unknown as D1Database };
    for (const path of ["/test-db", "/health"]) {
      expect((await fetchWith(away, new Request(`http://halftone.test${path}`))).status).toBe(503);
    }
  });

  test.each(["JWT_SECRET", "JWT_REFRESH_SECRET"])(
    "serves nobody with a weak %s and names it, but not its value",
    async (name) => {
      const response = await fetchWith({ [name]: "hunter2" }, new Request("http://halftone.test/health"));
      expect(response.status).toBe(500);
      const text = await response.text();
      expect(text).toContain(name);
      expect(text).not.toContain("hunter2");
    },
  );

  test("tells the other Workers who exists", async () => {
    const john = await register();
    expect(await rpc.AuthService.userExists(john.id)).toBe(true);
    expect(await rpc.AuthService.userExists(newId())).toBe(false);
  });

  test("describes its routes", async () => {
    const document = await (await call("/openapi.json")).json<{ paths: Record<string, object> }>();
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(["/api/auth/register", "/api/users/login", "/refresh", "/profile", "/users/{id}"]),
    );
  });
});
