import { beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../shared/contracts/audit.ts";
import type { ExportView } from "../../shared/contracts/personal-data.ts";
import type { ServiceAccountView } from "../../shared/contracts/service-accounts.ts";
import type { SessionView } from "../../shared/contracts/sessions.ts";
import type { CreatedShare } from "../../shared/contracts/shares.ts";
import type { WebhookView } from "../../shared/contracts/webhooks.ts";
import { Client } from "./support/client.ts";
import { anyPath, fillPath, type Operation, readOperations } from "./support/operations.ts";
import { makePhoto } from "./support/photo.ts";
import { beginUpload } from "./support/resumable.ts";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

/** No route with an id in its path needs this, so a key that has nothing else is a key without the scope. */
const OTHER_SCOPE = "events:read";
const PASSWORD = "a-password-of-our-own";

let product: SharedProduct;
let operations: Operation[];
let ada: Client;
let eve: Client;
let admin: Client;
let unscoped: { Authorization: string };
let photo: Buffer;
/** Stays as it is throughout, and orders are of it. */
let printedPhoto: string;

beforeAll(async () => {
  product = await sharedProduct();
  admin = await Client.signIn(product.url, product.admin);
  [ada, eve] = await Promise.all([Client.signUp(product.url), Client.signUp(product.url)]);
  unscoped = { Authorization: `Bearer ${(await ada.makeKey([OTHER_SCOPE])).key}` };
  operations = await readOperations(product.url);
  photo = await makePhoto({ width: 64, height: 64 });
  printedPhoto = (await ada.uploadPhoto(photo)).id;
  await ada.settled(printedPhoto);
});

type Parameters = Record<string, string>;

/** A fresh thing and whose it is; the parameters name it in a path. */
interface Thing {
  owner: Client;
  parameters: Parameters;
}

const image = async (): Promise<Thing> => {
  const { id } = await ada.uploadPhoto(photo);
  return { owner: ada, parameters: { id, size: "original" } };
};
const share = async (): Promise<Thing> => {
  const { id } = await ada.uploadPhoto(photo);
  const made = await ada.send("POST", `/api/files/${id}/shares`, {});
  return { owner: ada, parameters: { id, shareId: ((await made.json()) as CreatedShare).id } };
};
const job = async (): Promise<Thing> => {
  const { jobId } = await ada.uploadPhoto(photo);
  return { owner: ada, parameters: { id: jobId ?? "" } };
};
const upload = async (): Promise<Thing> => {
  const id = (await beginUpload(ada, 5)).split("/").at(-1) ?? "";
  return { owner: ada, parameters: { id } };
};
const order = async (): Promise<Thing> => {
  const items = [{ product: "Print", quantity: 1, price: 5, imageId: printedPhoto }];
  const response = await ada.send("POST", "/api/orders", { items });
  const { id } = (await response.json()) as { id: string };
  return { owner: ada, parameters: { id } };
};
const user = async (): Promise<Thing> => ({ owner: ada, parameters: { id: ada.account.userId } });
const entry = async (): Promise<Thing> => {
  const [latest] = await ada.json<AuditEntry[]>("/api/audit/logs");
  if (latest === undefined) throw new Error("Ada's log is empty.");
  return { owner: ada, parameters: { id: latest.id } };
};
const key = async (): Promise<Thing> => {
  const { id } = await ada.makeKey([OTHER_SCOPE]);
  return { owner: ada, parameters: { keyId: id } };
};
const HOOK = "https://shop.example.com/hook";
/** Its receiver does not exist, so what is delivered there stays. */
const webhook = async (): Promise<Thing> => {
  const owner = await Client.signUp(product.url);
  const made = await owner.send("POST", "/api/webhooks", { url: HOOK });
  return { owner, parameters: { id: ((await made.json()) as { id: string }).id } };
};
const webhookDelivery = async (): Promise<Thing> => {
  const { owner, parameters } = await webhook();
  const tried = await owner.fetch(`/api/webhooks/${parameters.id}/test`, { method: "POST" });
  return { owner, parameters: { ...parameters, deliveryId: ((await tried.json()) as { id: string }).id } };
};
/** Somebody new with one session, because these routes end sessions. */
const session = async (): Promise<Thing> => {
  const owner = await Client.signUp(product.url);
  const { userId } = owner.account;
  const [own] = await owner.json<SessionView[]>(`/api/sessions/${userId}`);
  return { owner, parameters: { userId, sessionId: own?.id ?? "" } };
};
const finishedExport = async (): Promise<Thing> => {
  const { id } = await ada.json<ExportView>("/api/users/me/export", { method: "POST" });
  const status = async () => (await ada.json<ExportView>(`/api/exports/${id}`)).status;
  await expect.poll(status, { timeout: 30_000, interval: 250 }).toBe("done");
  return { owner: ada, parameters: { id, part: "auth.ndjson" } };
};
/** Somebody new, because this route ends them. */
const newcomer = async (): Promise<Thing> => {
  const owner = await Client.signUp(product.url);
  return { owner, parameters: { id: owner.account.userId } };
};
/** A service account's key belongs to the admins. */
const serviceKey = async (): Promise<Thing> => {
  const username = `service-${crypto.randomUUID()}`;
  const made = await admin.send("POST", "/api/service-accounts", { username });
  const { id } = (await made.json()) as ServiceAccountView;
  const keyMade = await admin.send("POST", `/api/service-accounts/${id}/keys`, { name: "k", scopes: [OTHER_SCOPE] });
  const { id: keyId } = (await keyMade.json()) as { id: string };
  return { owner: admin, parameters: { id, keyId } };
};

/** What the owner of a thing and an admin are answered; everybody else is told that it is not there. */
interface Row {
  thing: () => Promise<Thing>;
  body?: object;
  owner: number;
  admin: number;
}

const rows: Record<string, Row> = {
  "GET /api/images/{id}": { thing: image, owner: 200, admin: 404 },
  "DELETE /api/images/{id}": { thing: image, owner: 204, admin: 404 },
  "PATCH /api/images/{id}": { thing: image, body: { originalName: "lake.jpg" }, owner: 200, admin: 404 },
  "GET /api/images/{id}/status": { thing: image, owner: 200, admin: 404 },
  "POST /api/images/{id}/retry": { thing: image, owner: 409, admin: 404 },
  "GET /api/images/{id}/{size}": { thing: image, owner: 200, admin: 404 },
  "GET /api/files/{id}": { thing: image, owner: 200, admin: 404 },
  "DELETE /api/files/{id}": { thing: image, owner: 204, admin: 404 },
  "PATCH /api/files/{id}": { thing: image, body: { name: "lake.jpg" }, owner: 200, admin: 404 },
  "POST /api/files/{id}/shares": { thing: image, body: { expiresIn: "1d" }, owner: 201, admin: 404 },
  "GET /api/files/{id}/shares": { thing: image, owner: 200, admin: 404 },
  "GET /api/files/{id}/shares/{shareId}": { thing: share, owner: 200, admin: 404 },
  "DELETE /api/files/{id}/shares/{shareId}": { thing: share, owner: 204, admin: 404 },
  "GET /api/files/{id}/meta": { thing: image, owner: 200, admin: 404 },
  "GET /api/uploads/{id}": { thing: upload, owner: 200, admin: 404 },
  "PATCH /api/uploads/{id}": { thing: upload, owner: 415, admin: 404 },
  "DELETE /api/uploads/{id}": { thing: upload, owner: 204, admin: 404 },
  "GET /api/jobs/{id}": { thing: job, owner: 200, admin: 404 },
  "GET /uploads/{id}": { thing: image, owner: 200, admin: 404 },
  "GET /uploads/{id}/{size}": { thing: image, owner: 200, admin: 404 },
  "GET /api/audit/logs/{id}": { thing: entry, owner: 200, admin: 404 },
  "GET /api/keys/{keyId}": { thing: key, owner: 200, admin: 404 },
  "DELETE /api/keys/{keyId}": { thing: key, owner: 204, admin: 404 },
  "GET /api/webhooks/{id}": { thing: webhook, owner: 200, admin: 404 },
  "PATCH /api/webhooks/{id}": { thing: webhook, body: { enabled: false }, owner: 200, admin: 404 },
  "DELETE /api/webhooks/{id}": { thing: webhook, owner: 204, admin: 404 },
  "POST /api/webhooks/{id}/rotate-secret": { thing: webhook, owner: 200, admin: 404 },
  "POST /api/webhooks/{id}/test": { thing: webhook, owner: 202, admin: 404 },
  "GET /api/webhooks/{id}/deliveries": { thing: webhook, owner: 200, admin: 404 },
  "GET /api/webhooks/{id}/deliveries/{deliveryId}": { thing: webhookDelivery, owner: 200, admin: 404 },
  "POST /api/webhooks/{id}/deliveries/{deliveryId}/redeliver": { thing: webhookDelivery, owner: 202, admin: 404 },
  "GET /api/exports/{id}": { thing: finishedExport, owner: 200, admin: 404 },
  "GET /api/exports/{id}/photos.zip": { thing: finishedExport, owner: 200, admin: 404 },
  "GET /api/exports/{id}/{part}": { thing: finishedExport, owner: 200, admin: 404 },
  "GET /api/sessions/{userId}": { thing: session, owner: 200, admin: 404 },
  "PUT /api/sessions/{userId}": { thing: session, body: {}, owner: 200, admin: 404 },
  "DELETE /api/sessions/{userId}": { thing: session, owner: 200, admin: 404 },
  "GET /api/sessions/{userId}/{sessionId}": { thing: session, owner: 200, admin: 404 },
  "DELETE /api/sessions/{userId}/{sessionId}": { thing: session, owner: 204, admin: 404 },
  "GET /api/service-accounts/{id}/keys": { thing: serviceKey, owner: 200, admin: 200 },
  "POST /api/service-accounts/{id}/keys": {
    thing: serviceKey,
    body: { name: "k", scopes: [OTHER_SCOPE] },
    owner: 201,
    admin: 201,
  },
  "GET /api/service-accounts/{id}/keys/{keyId}": { thing: serviceKey, owner: 200, admin: 200 },
  "DELETE /api/service-accounts/{id}/keys/{keyId}": { thing: serviceKey, owner: 204, admin: 204 },
  ...underPrefixes(["/api/orders", "/orders"], {
    "GET /{id}": { thing: order, owner: 200, admin: 200 },
    "PATCH /{id}": { thing: order, body: { notes: "Ring twice." }, owner: 200, admin: 200 },
    "GET /{id}/timeline": { thing: order, owner: 200, admin: 200 },
    "POST /{id}/cancel": { thing: order, owner: 200, admin: 200 },
    "PUT /{id}/status": { thing: order, body: { status: "cancelled" }, owner: 200, admin: 200 },
  }),
  ...underPrefixes(["/api/users", "/users"], {
    "GET /{id}": { thing: user, owner: 200, admin: 200 },
    "PUT /{id}": { thing: user, body: { name: "Ada" }, owner: 200, admin: 200 },
    "PATCH /{id}": { thing: user, body: { name: "Ada" }, owner: 200, admin: 200 },
    "DELETE /{id}": { thing: newcomer, body: { currentPassword: PASSWORD }, owner: 202, admin: 202 },
  }),
};

function underPrefixes(prefixes: string[], routes: Record<string, Row>): Record<string, Row> {
  const named = prefixes.flatMap((prefix) =>
    Object.entries(routes).map(([name, row]) => [name.replace(" ", ` ${prefix}`), row] as const),
  );
  return Object.fromEntries(named);
}

/**
 * Here what stands in the path is random and the right to read at once: whoever could sign in as an erasure's owner is
 * gone, and a share is for whoever holds its address.
 */
const OPENED_BY_THEIR_PATH = ["GET /api/erasures/{id}", "GET /s/{token}"];

const isAdministrative = ({ path }: Operation) => path.startsWith("/api/admin/");
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

async function statusOf(response: Response): Promise<number> {
  await response.arrayBuffer();
  return response.status;
}

/** Parameters that name a part of a thing: the same for everybody. */
const NO_IDS = new Set(["size", "part"]);

function randomIds(parameters: Parameters): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, NO_IDS.has(name) ? value : crypto.randomUUID()]),
  );
}

test("every route with an id in its path has a row in the matrix, and every row a route", () => {
  const described = operations.filter(hasOwner).map(({ name }) => name);
  expect(described.sort()).toEqual(Object.keys(rows).sort());
});

test("the open routes are these, and no others", () => {
  const signInDoors = ["", "/auth", "/api", "/api/auth", "/api/users"].flatMap((prefix) =>
    ["register", "login", "refresh", "logout"].map((door) => `POST ${prefix}/${door}`),
  );
  const open = operations.filter(({ isOpen }) => isOpen).map(({ name }) => name);
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

describe("a thing behind", () => {
  test.each(Object.entries(rows))("%s is its owner's alone", async (name, { thing, body, ...allowed }) => {
    const operation = operations.find((candidate) => candidate.name === name)!;
    const { owner, parameters } = await thing();
    const path = fillPath(operation.path, parameters);
    const unknown = fillPath(operation.path, randomIds(parameters));
    const request = requestOf(operation, body);

    const anonymous = await fetch(`${product.url}${path}`, request);
    expect(await statusOf(anonymous)).toBe(operation.isOpen ? 404 : 401);
    expect(await statusOf(await owner.fetch(path, { ...request, headers: { ...request.headers, ...unscoped } }))).toBe(
      403,
    );
    const theirs = await answerOf(await eve.fetch(path, request));
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(await answerOf(await eve.fetch(unknown, request)));

    if (owner !== admin && allowed.admin === 404) {
      expect(await answerOf(await admin.fetch(path, request))).toEqual(theirs);
    }
    expect(await statusOf(await owner.fetch(path, request))).toBe(allowed.owner);
  });

  const shared = Object.entries(rows).filter(([, row]) => row.admin !== 404);
  test.each(shared)("%s is an admin's too", async (name, { thing, body, ...allowed }) => {
    const operation = operations.find((candidate) => candidate.name === name)!;
    const path = fillPath(operation.path, (await thing()).parameters);
    expect(await statusOf(await admin.fetch(path, requestOf(operation, body)))).toBe(allowed.admin);
  });
});

describe("every route that is not open", () => {
  test("is 401 for strangers and for bad tokens", async () => {
    const attempts: Record<string, string>[] = [{}, { Authorization: "Bearer x" }];
    for (const { name, method, path } of operations.filter(({ isOpen }) => !isOpen)) {
      for (const headers of attempts) {
        const response = await fetch(`${product.url}${anyPath(path)}`, { method, headers });
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
      { Cookie: `halftone=cookie.v1.${id}.${id}.${secret}`, Origin: product.url },
    ];
    for (const headers of bad) {
      for (const method of ["GET", "POST"]) {
        const response = await fetch(`${product.url}/api/orders`, { method, headers });
        expect([headers, method, await statusOf(response)]).toEqual([headers, method, 401]);
      }
    }
  });

  test("is 403 for a key without its scope, and the answer names the scope", async () => {
    const scoped = operations.filter(({ permission, isOpen }) => permission !== null && !isOpen);
    for (const { name, method, path, permission } of scoped) {
      if (permission === OTHER_SCOPE) continue;
      const url = `${product.url}${anyPath(path)}`;
      const response = await fetch(url, { method, headers: unscoped });
      expect([name, await statusOf(response)]).toEqual([name, 403]);
      expect(response.headers.get("WWW-Authenticate")).toContain(`error="insufficient_scope", scope="${permission}"`);
    }
  });
});

test("what is for admins is 403 for everybody else, whatever stands in the path", async () => {
  const administrative = operations.filter(isAdministrative);
  expect(administrative.length).toBeGreaterThan(5);
  const { jobId } = await eve.uploadPhoto(photo);
  for (const { name, method, path } of administrative) {
    for (const id of [jobId ?? "", crypto.randomUUID()]) {
      const answer = await eve.fetch(fillPath(path, { id }), { method });
      expect([name, await statusOf(answer)]).toEqual([name, 403]);
    }
  }
});

/** A body that a route takes, and what of the world it could have changed. */
interface Body {
  fields: () => object;
  state: () => Promise<unknown>;
}

const ownKeys = () => ada.json("/api/keys");
const asEmail = () => `mass-${crypto.randomUUID()}@example.com`;

/** Ada's one webhook: made at the first call. */
async function adasHook(): Promise<WebhookView | undefined> {
  const [hook] = await ada.json<WebhookView[]>("/api/webhooks");
  if (hook !== undefined) return hook;
  await ada.send("POST", "/api/webhooks", { url: HOOK });
  return adasHook();
}

/** The ids of Ada's sessions: neither more nor fewer. */
async function ownSessions(): Promise<string[]> {
  const sessions = await ada.json<SessionView[]>(`/api/sessions/${ada.account.userId}`);
  return sessions.map(({ id }) => id);
}

async function everybody(): Promise<number> {
  let cursor = "";
  for (let count = 0; ; ) {
    const page = await admin.fetch(`/api/users?limit=100${cursor}`);
    count += ((await page.json()) as unknown[]).length;
    const next = page.headers.get("X-Next-Cursor");
    if (next === null) return count;
    cursor = `&cursor=${next}`;
  }
}

const bodies: Record<string, Body> = {
  Registration: { fields: () => ({ email: asEmail(), password: PASSWORD }), state: everybody },
  Login: { fields: () => ({ email: ada.account.email, password: PASSWORD }), state: ownSessions },
  RefreshRequest: { fields: () => ({ refreshToken: ada.account.refreshToken }), state: ownSessions },
  LogoutRequest: { fields: () => ({}), state: ownSessions },
  PasswordChange: {
    fields: () => ({ currentPassword: PASSWORD, newPassword: "another-password-of-ours" }),
    state: async () => (await Client.signIn(product.url, { email: ada.account.email, password: PASSWORD })).base,
  },
  EraseRequest: { fields: () => ({ currentPassword: PASSWORD }), state: everybody },
  UserChanges: { fields: () => ({ name: "Ada" }), state: () => ada.json("/api/users/me") },
  NoFields: { fields: () => ({}), state: ownSessions },
  NewKey: { fields: () => ({ name: "k", scopes: [OTHER_SCOPE] }), state: ownKeys },
  NewCheck: { fields: () => ({ olderThan: "1h" }), state: () => admin.json("/api/admin/fsck") },
  Redrive: { fields: () => ({ errorCode: "out_of_attempts" }), state: () => admin.json("/api/admin/jobs") },
  RedriveEvents: { fields: () => ({ service: "orders" }), state: () => admin.json("/api/admin/events") },
  NewServiceAccount: { fields: () => ({ username: `s-${crypto.randomUUID()}` }), state: everybody },
  NewWebhook: { fields: () => ({ url: HOOK }), state: () => ada.json("/api/webhooks") },
  WebhookChanges: { fields: () => ({ enabled: false }), state: () => adasHook() },
  NewOrder: { fields: () => ({ product: "Print", quantity: 1, price: 5 }), state: () => ada.json("/api/orders") },
  FileSelection: { fields: () => ({ ids: [crypto.randomUUID()] }), state: () => ada.json("/api/files") },
  OrderChanges: { fields: () => ({ notes: "Ring twice." }), state: () => ada.json("/api/orders") },
  FileChanges: { fields: () => ({ name: "lake.jpg" }), state: () => ada.json("/api/files") },
  ImageChanges: { fields: () => ({ originalName: "lake.jpg" }), state: () => ada.json("/api/images") },
  NewShare: { fields: () => ({ expiresIn: "1d" }), state: () => ada.json("/api/files") },
  StatusChange: { fields: () => ({ status: "cancelled" }), state: () => ada.json("/api/orders") },
};

/** Fields that no body takes from outside, with their values as JSON. */
const HOSTILE = [
  ["role", '"admin"'],
  ["id", '"01890000-0000-7000-8000-000000000000"'],
  ["userId", '"01890000-0000-7000-8000-000000000000"'],
  ["ownerId", '"01890000-0000-7000-8000-000000000000"'],
  ["price", "0"],
  ["status", '"delivered"'],
  ["__proto__", '{"role":"admin"}'],
  ["constructor", '{"prototype":{"role":"admin"}}'],
] as const;

/** As text, because an object literal cannot have a field `__proto__`. */
function withField(fields: object, name: string, value: string): string {
  const others = JSON.stringify(fields).slice(1, -1);
  return `{"${name}":${value}${others === "" ? "" : `,${others}`}}`;
}

/** Ada's things, by the beginnings of the paths that lead to them. */
async function adasThings(): Promise<(path: string) => Parameters> {
  const ofOrder = (await order()).parameters;
  const ofHook = { id: (await adasHook())?.id ?? "" };
  return (path) => {
    if (path.includes("users/")) return { id: ada.account.userId };
    return path.includes("webhooks/") ? ofHook : ofOrder;
  };
}

describe("mass assignment", () => {
  test("every JSON body of the product is tried", () => {
    const described = operations.flatMap(({ bodySchema }) => bodySchema ?? []);
    expect([...new Set(described)].sort()).toEqual(Object.keys(bodies).sort());
  });

  test.each(Object.entries(bodies))("%s takes no field but its own, and nothing changes", async (name, body) => {
    const ofService = (await serviceKey()).parameters;
    const thingAt = await adasThings();
    const before = await body.state();
    for (const operation of operations.filter(({ bodySchema }) => bodySchema === name)) {
      const { userId } = ada.account;
      const isForAdmins = /^\/api\/(service-accounts|admin)/.test(operation.path);
      const client = isForAdmins ? admin : ada;
      const own = thingAt(operation.path);
      const path = fillPath(operation.path, { ...(isForAdmins ? ofService : own), userId });
      for (const [field, value] of HOSTILE) {
        const fields = body.fields();
        if (field in fields) continue;
        const response = await client.fetch(path, {
          method: operation.method,
          headers: { "Content-Type": "application/json" },
          body: withField(fields, field, value),
        });
        expect([operation.name, field, await statusOf(response)]).toEqual([operation.name, field, 422]);
      }
    }
    expect(await body.state()).toEqual(before);
  });
});
