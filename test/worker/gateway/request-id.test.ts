import { expect, test } from "vitest";
import type { Env } from "../../../workers/gateway/src/env.ts";
import { call } from "../call.ts";
import { AWAY, doorWith } from "./door.ts";

const GIVEN = { "X-Request-Id": "my-own-id-42" };

test.each([
  ["a service's answer", "/orders", {}, 200],
  ["the page", "/", {}, 200],
  ["health", "/health", {}, 200],
  ["a bad token", "/orders", { Authorization: "Bearer nonsense" }, 401],
  ["an unknown path", "/nothing", {}, 404],
])("%s carries the request's id", async (_what, path, headers, status) => {
  const response = await call(path, { headers: { ...GIVEN, ...headers } });
  expect([response.status, response.headers.get("X-Request-Id")]).toEqual([status, "my-own-id-42"]);
});

test.each<[string, Partial<Env>, string, number]>([
  ["a service that is away", { ORDERS_HTTP: AWAY }, "/orders", 503],
  ["a setting that cannot be used", { RATE_LIMIT: "many" }, "/orders", 500],
  ["metrics that are shut", {}, "/metrics", 401],
])("the answer to %s carries it too, and says it in its body", async (_what, changed, path, status) => {
  const response = await doorWith(changed)(path, GIVEN);
  expect([response.status, response.headers.get("X-Request-Id")]).toEqual([status, "my-own-id-42"]);
  expect(await response.json()).toMatchObject({ requestId: "my-own-id-42" });
});

test("a preflight carries an id as well", async () => {
  const headers = { ...GIVEN, Origin: "https://elsewhere.example", "Access-Control-Request-Method": "PUT" };
  const response = await call("/orders", { method: "OPTIONS", headers });
  expect(response.headers.get("X-Request-Id")).toBe("my-own-id-42");
});

test("a request without an id is given one", async () => {
  expect((await call("/health")).headers.get("X-Request-Id")).toMatch(/^[0-9a-f-]{36}$/);
});
