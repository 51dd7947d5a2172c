import { beforeAll, describe, expect, test } from "vitest";
import { type Cast, gatherCast, OTHER_SCOPE, statusOf } from "./support/cast.ts";
import { PASSWORD } from "./support/client.ts";
import { fillPath, isAdministrative, OPENED_BY_THEIR_PATH, type Operation } from "./support/operations.ts";
import * as things from "./support/things.ts";

let cast: Cast;
let unscoped: { Authorization: string };

beforeAll(async () => {
  cast = await gatherCast();
  unscoped = { Authorization: `Bearer ${(await cast.ada.makeKey([OTHER_SCOPE])).key}` };
});

/** What the owner of a thing and an admin are answered; everybody else is told that it is not there. */
interface Row {
  thing: (cast: Cast) => Promise<things.Thing>;
  body?: object;
  owner: number;
  admin: number;
}

const rows: Record<string, Row> = {
  "GET /api/images/{id}": { thing: things.image, owner: 200, admin: 404 },
  "DELETE /api/images/{id}": { thing: things.image, owner: 204, admin: 404 },
  "PATCH /api/images/{id}": { thing: things.image, body: { originalName: "lake.jpg" }, owner: 200, admin: 404 },
  "GET /api/images/{id}/status": { thing: things.image, owner: 200, admin: 404 },
  "POST /api/images/{id}/retry": { thing: things.image, owner: 409, admin: 404 },
  "GET /api/images/{id}/{size}": { thing: things.image, owner: 200, admin: 404 },
  "GET /api/files/{id}": { thing: things.image, owner: 200, admin: 404 },
  "DELETE /api/files/{id}": { thing: things.image, owner: 204, admin: 404 },
  "PATCH /api/files/{id}": { thing: things.image, body: { name: "lake.jpg" }, owner: 200, admin: 404 },
  "POST /api/files/{id}/shares": { thing: things.image, body: { expiresIn: "1d" }, owner: 201, admin: 404 },
  "GET /api/files/{id}/shares": { thing: things.image, owner: 200, admin: 404 },
  "GET /api/files/{id}/shares/{shareId}": { thing: things.share, owner: 200, admin: 404 },
  "DELETE /api/files/{id}/shares/{shareId}": { thing: things.share, owner: 204, admin: 404 },
  "GET /api/files/{id}/meta": { thing: things.image, owner: 200, admin: 404 },
  "GET /api/uploads/{id}": { thing: things.upload, owner: 200, admin: 404 },
  "PATCH /api/uploads/{id}": { thing: things.upload, owner: 415, admin: 404 },
  "DELETE /api/uploads/{id}": { thing: things.upload, owner: 204, admin: 404 },
  "GET /api/jobs/{id}": { thing: things.job, owner: 200, admin: 404 },
  "GET /uploads/{id}": { thing: things.image, owner: 200, admin: 404 },
  "GET /uploads/{id}/{size}": { thing: things.image, owner: 200, admin: 404 },
  "GET /api/audit/logs/{id}": { thing: things.entry, owner: 200, admin: 404 },
  "GET /api/keys/{keyId}": { thing: things.key, owner: 200, admin: 404 },
  "DELETE /api/keys/{keyId}": { thing: things.key, owner: 204, admin: 404 },
  "GET /api/webhooks/{id}": { thing: things.webhook, owner: 200, admin: 404 },
  "PATCH /api/webhooks/{id}": { thing: things.webhook, body: { enabled: false }, owner: 200, admin: 404 },
  "DELETE /api/webhooks/{id}": { thing: things.webhook, owner: 204, admin: 404 },
  "POST /api/webhooks/{id}/rotate-secret": { thing: things.webhook, owner: 200, admin: 404 },
  "POST /api/webhooks/{id}/test": { thing: things.webhook, owner: 202, admin: 404 },
  "GET /api/webhooks/{id}/deliveries": { thing: things.webhook, owner: 200, admin: 404 },
  "GET /api/webhooks/{id}/deliveries/{deliveryId}": { thing: things.webhookDelivery, owner: 200, admin: 404 },
  "POST /api/webhooks/{id}/deliveries/{deliveryId}/redeliver": {
    thing: things.webhookDelivery,
    owner: 202,
    admin: 404,
  },
  "GET /api/exports/{id}": { thing: things.finishedExport, owner: 200, admin: 404 },
  "GET /api/exports/{id}/photos.zip": { thing: things.finishedExport, owner: 200, admin: 404 },
  "GET /api/exports/{id}/{part}": { thing: things.finishedExport, owner: 200, admin: 404 },
  "GET /api/sessions/{userId}": { thing: things.session, owner: 200, admin: 404 },
  "PUT /api/sessions/{userId}": { thing: things.session, body: {}, owner: 200, admin: 404 },
  "DELETE /api/sessions/{userId}": { thing: things.session, owner: 200, admin: 404 },
  "GET /api/sessions/{userId}/{sessionId}": { thing: things.session, owner: 200, admin: 404 },
  "DELETE /api/sessions/{userId}/{sessionId}": { thing: things.session, owner: 204, admin: 404 },
  "GET /api/service-accounts/{id}/keys": { thing: things.serviceKey, owner: 200, admin: 200 },
  "POST /api/service-accounts/{id}/keys": {
    thing: things.serviceKey,
    body: { name: "k", scopes: [OTHER_SCOPE] },
    owner: 201,
    admin: 201,
  },
  "GET /api/service-accounts/{id}/keys/{keyId}": { thing: things.serviceKey, owner: 200, admin: 200 },
  "DELETE /api/service-accounts/{id}/keys/{keyId}": { thing: things.serviceKey, owner: 204, admin: 204 },
  ...underPrefixes(["/api/orders", "/orders"], {
    "GET /{id}": { thing: things.order, owner: 200, admin: 200 },
    "PATCH /{id}": { thing: things.order, body: { notes: "Ring twice." }, owner: 200, admin: 200 },
    "GET /{id}/timeline": { thing: things.order, owner: 200, admin: 200 },
    "POST /{id}/cancel": { thing: things.order, owner: 200, admin: 200 },
    "PUT /{id}/status": { thing: things.order, body: { status: "cancelled" }, owner: 200, admin: 200 },
  }),
  ...underPrefixes(["/api/users", "/users"], {
    "GET /{id}": { thing: things.user, owner: 200, admin: 200 },
    "PUT /{id}": { thing: things.user, body: { name: "Ada" }, owner: 200, admin: 200 },
    "PATCH /{id}": { thing: things.user, body: { name: "Ada" }, owner: 200, admin: 200 },
    "DELETE /{id}": { thing: things.newcomer, body: { currentPassword: PASSWORD }, owner: 202, admin: 202 },
  }),
};

function underPrefixes(prefixes: string[], routes: Record<string, Row>): Record<string, Row> {
  const named = prefixes.flatMap((prefix) =>
    Object.entries(routes).map(([name, row]) => [name.replace(" ", ` ${prefix}`), row] as const),
  );
  return Object.fromEntries(named);
}

const hasOwner = (operation: Operation) =>
  operation.path.includes("{") && !OPENED_BY_THEIR_PATH.includes(operation.name) && !isAdministrative(operation);

function requestOf({ method }: Operation, body: object | undefined): RequestInit {
  if (body === undefined) return { method };
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** An answer without what differs each time. */
async function answerOf(response: Response): Promise<{ status: number; problem: object }> {
  const problem = (await response.json()) as object;
  return { status: response.status, problem: { ...problem, requestId: "" } };
}

/** Parameters that name a part of a thing: the same for everybody. */
const NO_IDS = new Set(["size", "part"]);

function randomIds(parameters: things.Parameters): things.Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, NO_IDS.has(name) ? value : crypto.randomUUID()]),
  );
}

test("every route with an id in its path has a row in the matrix, and every row a route", () => {
  const described = cast.operations.filter(hasOwner).map(({ name }) => name);
  expect(described.sort()).toEqual(Object.keys(rows).sort());
});

describe("a thing behind", () => {
  test.each(Object.entries(rows))("%s is its owner's alone", async (name, { thing, body, ...allowed }) => {
    const operation = cast.operations.find((candidate) => candidate.name === name)!;
    const { owner, parameters } = await thing(cast);
    const path = fillPath(operation.path, parameters);
    const unknown = fillPath(operation.path, randomIds(parameters));
    const request = requestOf(operation, body);

    const anonymous = await fetch(`${cast.url}${path}`, request);
    expect(await statusOf(anonymous)).toBe(operation.isOpen ? 404 : 401);
    expect(await statusOf(await owner.fetch(path, { ...request, headers: { ...request.headers, ...unscoped } }))).toBe(
      403,
    );
    const theirs = await answerOf(await cast.eve.fetch(path, request));
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(await answerOf(await cast.eve.fetch(unknown, request)));

    if (owner !== cast.admin && allowed.admin === 404) {
      expect(await answerOf(await cast.admin.fetch(path, request))).toEqual(theirs);
    }
    expect(await statusOf(await owner.fetch(path, request))).toBe(allowed.owner);
  });

  const shared = Object.entries(rows).filter(([, row]) => row.admin !== 404);
  test.each(shared)("%s is an admin's too", async (name, { thing, body, ...allowed }) => {
    const operation = cast.operations.find((candidate) => candidate.name === name)!;
    const path = fillPath(operation.path, (await thing(cast)).parameters);
    expect(await statusOf(await cast.admin.fetch(path, requestOf(operation, body)))).toBe(allowed.admin);
  });
});
