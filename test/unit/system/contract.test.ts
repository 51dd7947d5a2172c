import { expect, test } from "vitest";
import { readContract } from "../../system/support/contract.ts";

const json = (name: string) => ({
  content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
});
const order = {
  type: "object",
  properties: { id: { type: "string" }, at: { type: "string", format: "date-time" } },
  required: ["id"],
};
const contract = readContract({
  info: { title: "Shop" },
  paths: {
    "/orders/{id}": {
      get: { responses: { 200: { ...json("Order"), headers: { ETag: {}, Link: {} } }, "4XX": json("Problem") } },
    },
    "/orders/latest": { get: { responses: { 200: json("Problem") } } },
  },
  components: {
    headers: { ETag: { required: true }, Link: {}, Location: {} },
    ...{ schemas: { Order: order, Problem: { type: "object", properties: { code: {} }, required: ["code"] } } },
  },
});
const withBody = (body: unknown, mediaType = "application/json") => ({ json: { mediaType, body } });
const answer = {
  method: "GET",
  path: "/orders/7",
  status: 200,
  headers: new Headers({ ETag: '"1"' }),
  ...withBody({ id: "7" }),
};
const refused = { status: 404, headers: new Headers() };

test("an answer as documented passes, its refusal too, and a literal path goes before a parameter", () => {
  expect(contract(answer)).toBeNull();
  expect(contract({ ...answer, ...refused, ...withBody({ code: "not_found" }) })).toBeNull();
  expect(
    contract({ ...answer, path: "/orders/latest", headers: new Headers(), ...withBody({ code: "x" }) }),
  ).toBeNull();
  expect(contract({ ...answer, json: null })).toBeNull();
  expect(contract({ ...answer, path: "/a-page", json: null })).toBeNull();
});

test.each([
  ["lacks a field", withBody({})],
  ["has a field too many", withBody({ id: "7", secret: "x" })],
  ["has a field in another form", withBody({ id: "7", at: "yesterday" })],
  ["lacks a header that it must have", { headers: new Headers() }],
  ["has a header that is documented elsewhere", { headers: new Headers({ ETag: '"1"', Location: "/" }), json: null }],
  ["has another status", { status: 201 }],
  ["has another media type", withBody({ id: "7" }, "application/problem+json")],
  ["comes from an operation that nobody documented", { method: "POST" }],
  ["comes from a path that nobody documented", { path: "/users" }],
  ["is a refusal in another form", { path: "/users", ...refused, ...withBody({ error: "not found" }) }],
])("an answer that %s is complained of", (_, change) => {
  expect(contract({ ...answer, ...change })).toMatch(/\w+ \w+/);
});
