import { beforeAll, describe, expect, test } from "vitest";
import { type Cast, gatherCast, OTHER_SCOPE, statusOf } from "./support/cast.ts";
import { anyPath, fillPath, isAdministrative, OPENED_BY_THEIR_PATH } from "./support/operations.ts";

let cast: Cast;

beforeAll(async () => {
  cast = await gatherCast();
});

test("the open routes are these, and no others", () => {
  const signInDoors = ["", "/auth", "/api", "/api/auth", "/api/users"].flatMap((prefix) =>
    ["register", "login", "refresh", "logout"].map((door) => `POST ${prefix}/${door}`),
  );
  const open = cast.operations.filter(({ isOpen }) => isOpen).map(({ name }) => name);
  const legacyDoors = ["POST /register-form", "POST /login-form", "GET /register", "GET /user/soap", "POST /user/soap"];
  const facts = [
    "GET /.well-known/jwks.json",
    "GET /test-db",
    "GET /grpc/image_delivery.proto",
    "GET /uploads/{id}",
    "GET /uploads/{id}/{size}",
  ];
  const system = [
    "/health",
    "/api/health",
    "/connected/health",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/services",
    "/events.schema.json",
  ];
  const ofTheSystem = system.map((path) => `GET ${path}`);
  expect(open.sort()).toEqual(
    [...signInDoors, ...legacyDoors, ...facts, ...OPENED_BY_THEIR_PATH, ...ofTheSystem].sort(),
  );
});

describe("every route that is not open", () => {
  test("is 401 for strangers and for bad tokens", async () => {
    const attempts: Record<string, string>[] = [{}, { Authorization: "Bearer x" }];
    for (const { name, method, path } of cast.operations.filter(({ isOpen }) => !isOpen)) {
      for (const headers of attempts) {
        const response = await fetch(`${cast.url}${anyPath(path)}`, { method, headers });
        expect([name, headers, await statusOf(response)]).toEqual([name, headers, 401]);
      }
    }
  });

  test("is 401 for bad keys and cookies too", async () => {
    const id = crypto.randomUUID();
    const secret = "A".repeat(43);
    const bad: Record<string, string>[] = [
      { Authorization: `Bearer key.v1.${id}.${id}.${secret}` },
      { "X-API-Key": `key.v1.${id}.${id}.${secret}` },
      { "X-API-Key": "" },
      { Cookie: `halftone=cookie.v1.${id}.${id}.${secret}`, Origin: cast.url },
    ];
    for (const headers of bad) {
      for (const method of ["GET", "POST"]) {
        const response = await fetch(`${cast.url}/api/orders`, { method, headers });
        expect([headers, method, await statusOf(response)]).toEqual([headers, method, 401]);
      }
    }
  });

  test("is 403 for a key without its scope, and the answer names the scope", async () => {
    const unscoped = { Authorization: `Bearer ${(await cast.ada.makeKey([OTHER_SCOPE])).key}` };
    const scoped = cast.operations.filter(({ permission, isOpen }) => permission !== null && !isOpen);
    for (const { name, method, path, permission } of scoped) {
      if (permission === OTHER_SCOPE) continue;
      const url = `${cast.url}${anyPath(path)}`;
      const response = await fetch(url, { method, headers: unscoped });
      expect([name, await statusOf(response)]).toEqual([name, 403]);
      expect(response.headers.get("WWW-Authenticate")).toContain(`error="insufficient_scope", scope="${permission}"`);
    }
  });
});

test("what is for admins is 403 for everybody else, whatever stands in the path", async () => {
  const administrative = cast.operations.filter(isAdministrative);
  expect(administrative.length).toBeGreaterThan(5);
  const { jobId } = await cast.eve.uploadPhoto(cast.photo);
  for (const { name, method, path } of administrative) {
    for (const id of [jobId ?? "", crypto.randomUUID()]) {
      const answer = await cast.eve.fetch(fillPath(path, { id }), { method });
      expect([name, await statusOf(answer)]).toEqual([name, 403]);
    }
  }
});
