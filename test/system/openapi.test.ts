import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { optionalSecretsOf, requiredSecretsOf, varsOf } from "../../scripts/lib/read-settings.mjs";
import { PUBLIC_EVENT_TYPES } from "../../shared/contracts/event-schemas.ts";
import type { EventsFeed } from "../../shared/contracts/events-feed.ts";
import { ServiceCards } from "../../shared/contracts/service-card.ts";
import type { CreatedShare } from "../../shared/contracts/shares.ts";
import { Client } from "./support/client.ts";
import { templatePattern } from "./support/contract.ts";
import { anyPath, type Operation, readOperations } from "./support/operations.ts";
import { makePhoto } from "./support/photo.ts";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

interface DescribedOperation {
  parameters?: { name: string }[];
  responses: Record<string, { headers?: Record<string, unknown> }>;
}

/** The document as far as it tells of headers. */
interface DescribedHeaders {
  components: { headers: Record<string, { description: string }> };
  paths: Record<string, Record<string, DescribedOperation>>;
}

let product: SharedProduct;
let operations: Operation[];

beforeAll(async () => {
  product = await sharedProduct();
  operations = await readOperations(product.url);
});

describe("the API's document", () => {
  test("has nothing that a linter complains of", async () => {
    const source = await (await fetch(`${product.url}/openapi.json`)).text();
    const config = await createConfig({
      extends: ["recommended-strict"],
      rules: {
        "operation-tag-defined": "error",
        "tag-description": "error",
        // The server is the one that was asked, here localhost.
        "no-server-example.com": "off",
        // It takes the required keys of a record, which `propertyNames` lists, for missing properties.
        "no-required-schema-properties-undefined": "off",
      },
    });
    const problems = await lintFromString({ source, config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  test("names every method that a path takes, aliases too, and none that it does not", async () => {
    for (const path of new Set(operations.map((operation) => operation.path))) {
      const concrete = anyPath(path);
      const answer = await fetch(`${product.url}${concrete}`, { method: "PROPFIND" });
      const taken = answer.headers.get("Allow")?.split(", ") ?? [];
      const documented = operations.filter((operation) => templatePattern(operation.path).test(concrete));
      const methods = new Set(documented.map(({ method }) => method));
      expect([path, answer.status, taken.sort()]).toEqual([path, 405, [...methods].sort()]);
    }
  });

  test("says what a body is wherever one is taken", () => {
    const webhookDeeds = ["rotate-secret", "test", "deliveries/{deliveryId}/redeliver"].map(
      (deed) => `POST /api/webhooks/{id}/${deed}`,
    );
    const cancelling = ["/api/orders", "/orders"].map((orders) => `POST ${orders}/{id}/cancel`);
    const withoutBody = [
      ...["POST /api/users/me/export", "POST /api/images/{id}/retry", "POST /api/admin/jobs/{id}/redrive"],
      ...cancelling,
      ...webhookDeeds,
    ];
    const silent = operations.filter(
      ({ method, bodyTypes }) => ["POST", "PUT", "PATCH"].includes(method) && bodyTypes.length === 0,
    );
    expect(silent.map(({ name }) => name).sort()).toEqual(withoutBody.sort());
  });

  test("tells of the headers that answers carry, and of the limits where requests are counted", async () => {
    const { components, paths } = (await (await fetch(`${product.url}/openapi.json`)).json()) as DescribedHeaders;
    const sentBy = (path: string, method: string, status: string) =>
      Object.keys(paths[path]?.[method]?.responses[status]?.headers ?? {}).sort();
    const limits = ["RateLimit", "RateLimit-Policy"];
    expect(sentBy("/api/images", "put", "202")).toEqual(["Idempotent-Replayed", "Location", ...limits]);
    expect(sentBy("/api/orders", "get", "200")).toEqual(["Link", ...limits, "X-Next-Cursor"]);
    expect(sentBy("/api/users/{id}", "patch", "200")).toEqual(["ETag", ...limits]);
    expect(sentBy("/api/orders", "get", "4XX")).toEqual([
      "Accept-Encoding",
      ...limits,
      "Retry-After",
      "WWW-Authenticate",
    ]);
    expect(sentBy("/uploads/{id}", "get", "200")).toEqual(["ETag"]);
    expect(sentBy("/health", "get", "200")).toEqual([]);
    const lists = operations.filter(({ path, method }) =>
      paths[path]?.[method.toLowerCase()]?.parameters?.some(({ name }) => name === "cursor"),
    );
    expect(lists.length).toBeGreaterThan(5);
    for (const { name, path } of lists) {
      expect(sentBy(path, "get", "200"), name).toEqual(expect.arrayContaining(["Link", "X-Next-Cursor"]));
    }
    for (const name of limits) expect(components.headers[name]?.description).toMatch(/\w+/);
  });

  test("has an example for every JSON body", () => {
    expect(
      operations.filter(({ bodySchema, hasExample }) => bodySchema !== null && !hasExample).map(({ name }) => name),
    ).toEqual([]);
  });
});

describe("the services' cards", () => {
  const SERVICES = ["gateway", "auth", "images", "resizer", "orders", "audit", "webhooks"];

  test("say all eight facts of every service, and how it is", async () => {
    const { services } = ServiceCards.parse(await (await fetch(`${product.url}/services`)).json());
    expect(services.map(({ name, health }) => [name, health])).toEqual(SERVICES.map((name) => [name, "healthy"]));
    for (const { name, card } of services) {
      const { endpoints, ...facts } = card!;
      expect(Object.entries(facts).filter(([, fact]) => fact.length === 0)).toEqual([]);
      expect([name, endpoints.length > 0]).toEqual([name, name !== "resizer"]);
    }
  });

  test("name the endpoints of the document, each once, and the settings of the manifests", async () => {
    const { services } = ServiceCards.parse(await (await fetch(`${product.url}/services`)).json());
    const endpoints = services.flatMap(({ card }) => card!.endpoints);
    expect(endpoints.sort()).toEqual(operations.map(({ name }) => name).sort());
    for (const { name, card } of services) {
      const settings = [...varsOf(name), ...requiredSecretsOf(name), ...optionalSecretsOf(name)];
      expect([name, card!.configuration]).toEqual([name, settings.sort()]);
    }
  });

  test("come as a page to a browser, and show nothing of anybody", async () => {
    const ada = await Client.signUp(product.url);
    const answer = await ada.fetch("/services", { headers: { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
    expect(answer.headers.get("Content-Type")).toContain("text/html");
    expect(answer.headers.get("Vary")).toContain("Accept");
    const page = await answer.text();
    for (const name of SERVICES) expect(page).toContain(`<h2>${name} <span class="healthy">healthy</span></h2>`);
    expect(page).not.toContain(ada.account.userId);
  });
});

/**
 * These have pool tests of their own: they come of an account's end, of bytes that are lost, of days without an answer, and
 * of the shop.
 */
const NOT_MADE_HERE = ["user.erased", "file.lost", "webhook.disabled", "order.status_changed"];

async function haveShared(owner: Client, fileId: string): Promise<CreatedShare> {
  return (await owner.send("POST", `/api/files/${fileId}/shares`, { maxUses: 1 })).json() as Promise<CreatedShare>;
}

/** Has everything happen to somebody that can be an event. */
async function haveAllHappen(): Promise<Client> {
  const ada = await Client.signUp(product.url);
  await ada.send("PATCH", `/api/users/${ada.account.userId}`, { name: "Ada" });
  const photo = await makePhoto({ width: 64, height: 64 });
  const good = await ada.uploadPhoto(photo);
  await ada.settled(good.id);
  await ada.send("PATCH", `/api/images/${good.id}`, { originalName: "lake.jpg" });
  await ada.fetch(`/api/images/${good.id}`, { method: "DELETE" });
  const broken = await ada.uploadPhoto((await sharp(photo).png().toBuffer()).fill(0x55, 100), "broken.png");
  await ada.settled(broken.id);
  const form = new FormData();
  form.set("file", new File(["a text"], "notes.txt", { type: "text/plain" }));
  const file = await ada.json<{ id: string }>("/api/files", { method: "POST", body: form });
  await ada.send("PATCH", `/api/files/${file.id}`, { visibility: "public" });
  const { id: shareId, url } = await haveShared(ada, file.id);
  expect((await fetch(url)).status).toBe(200);
  await ada.fetch(`/api/files/${file.id}/shares/${shareId}`, { method: "DELETE" });
  await ada.fetch(`/api/files/${file.id}`, { method: "DELETE" });
  const ordered = await ada.send("POST", "/api/orders", { product: "Print", quantity: 1, price: 5 });
  const { id } = (await ordered.json()) as { id: string };
  await ada.send("PATCH", `/api/orders/${id}`, { notes: "Ring twice." });
  await ada.send("PUT", `/api/orders/${id}/status`, { status: "cancelled" });
  return ada;
}

test("every event of the feed fits the published schema", async () => {
  const ajv = new Ajv2020({ allErrors: true });
  addFormats.default(ajv);
  const published = await (await fetch(`${product.url}/events.schema.json`)).json();
  const validate = ajv.compile(published as object);
  const ada = await haveAllHappen();
  const feed = async () => (await ada.json<EventsFeed>("/api/events?limit=100")).events;
  const expected = PUBLIC_EVENT_TYPES.filter((type) => !NOT_MADE_HERE.includes(type));
  await expect
    .poll(async () => [...new Set((await feed()).map((event) => event.type))].sort(), {
      timeout: 30_000,
      interval: 250,
    })
    .toEqual(expected.sort());
  for (const event of await feed()) {
    validate(event);
    expect([event.type, validate.errors]).toEqual([event.type, null]);
  }
});
