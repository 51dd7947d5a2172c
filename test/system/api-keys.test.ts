import { beforeAll, describe, expect, test } from "vitest";
import type { AuditEntry } from "../../shared/contracts/audit.ts";
import type { EventsFeed } from "../../shared/contracts/events-feed.ts";
import type { ImageList } from "../../shared/contracts/images.ts";
import type { CreatedKey } from "../../shared/contracts/keys.ts";
import { newKeyPair, type SigningOptions, signRequest } from "../support/sign-request.ts";
import { Client } from "./support/client.ts";
import { makePhoto } from "./support/photo.ts";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

/** What the product promises of a revoked credential. */
const DEAD_WITHIN_MS = 5_000;
const MEBIBYTE = 1024 * 1024;

let product: SharedProduct;
let ada: Client;

beforeAll(async () => {
  product = await sharedProduct();
  ada = await Client.signUp(product.url);
});

interface Problem {
  status: number;
  code: string;
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  return (await response.json()) as Problem;
}

describe("an API key", () => {
  test("works wherever a token does, in either header", async () => {
    const { key } = await ada.makeKey(["images:read", "orders:read", "audit:read", "events:read", "account:read"]);
    const carriers: Record<string, string>[] = [{ Authorization: `Bearer ${key}` }, { "X-API-Key": key }];
    for (const path of ["/api/images", "/api/files", "/api/orders", "/api/audit/logs", "/api/events", "/profile"]) {
      for (const headers of carriers) {
        const response = await fetch(`${product.url}${path}`, { headers });
        expect([path, response.status]).toEqual([path, 200]);
        await response.arrayBuffer();
      }
    }
  });

  test("is named in the events of what it did", async () => {
    const { id, key } = await ada.makeKey(["orders:write"]);
    const ordered = await fetch(`${product.url}/api/orders`, {
      method: "POST",
      headers: { "X-API-Key": key, "Content-Type": "application/json" },
      body: JSON.stringify({ product: "Print", quantity: 1, price: 5 }),
    });
    const { id: orderId } = (await ordered.json()) as { id: string };
    const ofOrder = async () => {
      const { events } = await ada.json<EventsFeed>("/api/events");
      return events.filter(({ resource }) => resource === orderId);
    };
    await expect
      .poll(ofOrder, { timeout: 20_000, interval: 250 })
      .toMatchObject([{ type: "order.created", actor: { userId: ada.account.userId, keyId: id } }]);
    const entries = await ada.json<AuditEntry[]>(`/api/audit/logs?resource=${orderId}`);
    expect(entries).toMatchObject([{ action: "ORDER_CREATE", user_id: ada.account.userId, key_id: id }]);
  });

  test(`is dead within ${DEAD_WITHIN_MS} ms of being ended, in an isolate that knew it too`, async () => {
    const { id, key } = await ada.makeKey(["images:read"]);
    const use = async () => (await fetch(`${product.url}/api/images`, { headers: { "X-API-Key": key } })).status;
    expect(await use()).toBe(200);
    expect((await ada.fetch(`/api/keys/${id}`, { method: "DELETE" })).status).toBe(204);
    await expect.poll(use, { timeout: DEAD_WITHIN_MS, interval: 100 }).toBe(401);
  });

  test("never travels on: no answer repeats it", async () => {
    const { key } = await ada.makeKey(["account:read"]);
    const response = await fetch(`${product.url}/profile`, { headers: { "X-API-Key": key } });
    expect(await response.text()).not.toContain(key.split(".").at(-1));
  });
});

describe("a key that demands signed requests", () => {
  let signing: CreatedKey;
  let privateKey: CryptoKey;

  beforeAll(async () => {
    const pair = await newKeyPair();
    privateKey = pair.privateKey;
    const fields = { requireSignature: true, publicKey: pair.publicKey };
    signing = await ada.makeKey(["images:read", "images:write", "orders:read", "orders:write"], fields);
  });

  interface Sent {
    method: string;
    path: string;
    body?: string | Uint8Array<ArrayBuffer>;
    /** What is sent in place of the body that was signed. */
    forged?: string | Uint8Array<ArrayBuffer>;
    type?: string;
  }

  async function headersOf({ method, path, body, type }: Sent, options?: SigningOptions) {
    const signed = await signRequest(signing.id, privateKey, { method, url: product.url + path, body }, options);
    return { ...signed, "X-API-Key": signing.key, ...(type !== undefined && { "Content-Type": type }) };
  }

  async function send(request: Sent, options?: SigningOptions): Promise<Response> {
    const { method, path, body, forged = body } = request;
    const headers = await headersOf(request, options);
    return fetch(product.url + path, { method, headers, ...(forged !== undefined && { body: forged }) });
  }

  const ORDER = { method: "POST", path: "/api/orders", type: "application/json" };
  const body = JSON.stringify({ product: "Mug", quantity: 1, price: 5 });
  const images = async () => (await ada.json<ImageList>("/api/images")).images.map(({ id }) => id);
  /** The bucket once no photo is being resized any more. */
  const settledObjects = async () => {
    for (const id of await images()) await ada.settled(id);
    return product.storedObjects(ada);
  };
  const orders = async () => (await ada.json<{ id: string }[]>("/api/orders")).map(({ id }) => id);

  test("opens nothing by itself", async () => {
    const response = await fetch(`${product.url}/api/orders`, { headers: { "X-API-Key": signing.key } });
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ code: "invalid_signature" });
  });

  test("reads, orders and uploads with signatures", async () => {
    expect((await send({ method: "GET", path: "/api/orders?limit=1" })).status).toBe(200);
    expect((await send({ ...ORDER, body })).status).toBe(201);
    const photo = new Uint8Array(await makePhoto({ width: 320, height: 240 }));
    const upload = await send({ method: "PUT", path: "/api/images", body: photo, type: "image/jpeg" });
    expect(upload.status).toBe(202);
    const { id } = (await upload.json()) as { id: string };
    const original = await send({ method: "GET", path: `/api/images/${id}/original` });
    expect(new Uint8Array(await original.arrayBuffer())).toEqual(photo);
    const retried = await send({ method: "POST", path: `/api/images/${id}/retry` });
    expect(retried.status).toBe(409);
  });

  test("refuses a request that is sent again, also twenty times at once", async () => {
    const before = await orders();
    const headers = await headersOf({ ...ORDER, body });
    const sending = Array.from({ length: 20 }, () =>
      fetch(product.url + ORDER.path, { method: "POST", headers, body }),
    );
    const statuses = (await Promise.all(sending)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(19);
    expect(await orders()).toHaveLength(before.length + 1);
  });

  test("refuses a signature of ten minutes ago", async () => {
    const created = Math.floor(Date.now() / 1_000) - 600;
    const response = await send({ method: "GET", path: "/api/orders" }, { created });
    expect(response.status).toBe(401);
    expect(await problemOf(response)).toMatchObject({ code: "invalid_signature" });
  });

  test("refuses JSON that is not what was signed, and nothing is left of it", async () => {
    const before = await orders();
    const response = await send({ ...ORDER, body, forged: body.replace("1", "9") });
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({ code: "invalid_digest" });
    expect(await orders()).toEqual(before);
  });

  test("refuses a body behind a signature without a digest", async () => {
    const before = await orders();
    const headers = await headersOf({ ...ORDER });
    const response = await fetch(product.url + ORDER.path, { method: "POST", headers, body });
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({ code: "invalid_digest" });
    expect(await orders()).toEqual(before);
  });

  test("gets an early refusal while its upload is still on the way", async () => {
    const text = new Uint8Array(20 * MEBIBYTE).fill(65);
    const response = await send({ method: "PUT", path: "/api/images", body: text, type: "image/jpeg" });
    expect(response.status).toBe(415);
    expect(await problemOf(response)).toMatchObject({ code: "unsupported_image" });
  });

  test.each([
    ["the raw body", "PUT", "/api/images"],
    ["a form", "POST", "/api/images/upload"],
  ])("refuses an upload of 20 MiB as %s with one byte changed, and nothing is left of it", async (_, method, path) => {
    const before = await images();
    const photo = new Uint8Array(20 * MEBIBYTE);
    photo.set(await makePhoto({ width: 640, height: 480 }));
    const signed = path === "/api/images" ? { bytes: photo, type: "image/jpeg" } : formOf(photo);
    const forged = signed.bytes.slice();
    const at = forged.length - 100;
    forged[at] = 255 - (forged[at] ?? 0);
    const storedBefore = await settledObjects();
    const response = await send({ method, path, body: signed.bytes, forged, type: signed.type });
    expect(response.status).toBe(400);
    expect(await problemOf(response)).toMatchObject({ code: "invalid_digest" });
    expect(await images()).toEqual(before);
    expect(product.storedObjects(ada)).toEqual(storedBefore);

    const good = await send({ method, path, body: signed.bytes, type: signed.type });
    expect(good.status).toBe(202);
    await good.arrayBuffer();
    expect(await images()).toHaveLength(before.length + 1);
  });
});

/** A form as a browser writes it. */
function formOf(photo: Uint8Array): { bytes: Uint8Array<ArrayBuffer>; type: string } {
  const head = '--edge\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n';
  const bytes = Buffer.concat([Buffer.from(head), photo, Buffer.from("\r\n--edge--\r\n")]);
  return { bytes: new Uint8Array(bytes), type: "multipart/form-data; boundary=edge" };
}
