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
    "/orders/{id}": { get: { responses: { 200: json("Order"), "4XX": json("Problem") } } },
    "/orders/latest": { get: { responses: { 200: json("Problem") } } },
  },
  ...{
    components: {
      schemas: { Order: order, Problem: { type: "object", properties: { code: {} }, required: ["code"] } },
    },
  },
});
const answer = { method: "GET", path: "/orders/7", status: 200, mediaType: "application/json", body: { id: "7" } };

test("an answer as documented passes, its refusal too, and a literal path goes before a parameter", () => {
  expect(contract(answer)).toBeNull();
  expect(contract({ ...answer, status: 404, body: { code: "not_found" } })).toBeNull();
  expect(contract({ ...answer, path: "/orders/latest", body: { code: "x" } })).toBeNull();
});

test.each([
  ["lacks a field", { body: {} }],
  ["has a field too many", { body: { id: "7", secret: "x" } }],
  ["has a field in another form", { body: { id: "7", at: "yesterday" } }],
  ["has another status", { status: 201 }],
  ["has another media type", { mediaType: "application/problem+json" }],
  ["comes from an operation that nobody documented", { method: "POST" }],
  ["comes from a path that nobody documented", { path: "/users" }],
  ["is a refusal in another form", { path: "/users", status: 404, body: { error: "not found" } }],
])("an answer that %s is complained of", (_, change) => {
  expect(contract({ ...answer, ...change })).toMatch(/\w+ \w+/);
});
