import { expect, test } from "vitest";
import { ServiceCards } from "../../../shared/contracts/service-card.ts";
import { call } from "../call.ts";

test("the API's document has the services' routes beside the gateway's own, and where its server is", async () => {
  const answer = await call("/openapi.json");
  const document = await answer.json<{ paths: object; servers: object[] }>();
  expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/api/orders", "/api/auth", "/health", "/docs"]));
  expect(document.servers).toEqual([{ url: "http://halftone.test" }]);
});

test("a service that says nothing of itself has no card, and the others have theirs", async () => {
  const { services } = ServiceCards.parse(await (await call("/services")).json());
  const [gateway, ...others] = services;
  expect(gateway?.card?.endpoints).toContain("GET /services");
  expect(others.map(({ name, card }) => [name, card])).toContainEqual(["orders", null]);
});

test("the page of the services runs nothing, loads nothing, and has a style of its own that its policy knows", async () => {
  const answer = await call("/services", { headers: { Accept: "text/html" } });
  const page = await answer.text();
  const style = /<style>([^<]*)<\/style>/.exec(page)?.[1] ?? "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const hash = Buffer.from(digest).toString("base64");
  expect(answer.headers.get("Content-Security-Policy")).toMatch(/^default-src 'none'; .*; style-src 'sha256-[^']+'$/);
  expect(answer.headers.get("Content-Security-Policy")).toContain(`'sha256-${hash}'`);
  expect(page).toContain('<h2>gateway <span class="');
});
