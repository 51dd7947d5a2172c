import http from "node:http";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import type { ImageList } from "../../shared/contracts/images.ts";
import { Client } from "./support/client.ts";
import { makePhoto } from "./support/photo.ts";
import { type SharedProduct, sharedProduct } from "./support/shared-product.ts";

const MEGABYTE = 1024 * 1024;

let product: SharedProduct;
let ada: Client;
let eve: Client;

beforeAll(async () => {
  product = await sharedProduct();
  [ada, eve] = await Promise.all([Client.signUp(product.url), Client.signUp(product.url)]);
});

interface Problem {
  status: number;
  code: string;
  detail: string;
  requestId: string;
  errors?: { path: string }[];
}

/** A refusal must be a problem document with a sentence and the request's id, never a 500. */
async function refusal(response: Response): Promise<Problem> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = (await response.json()) as Problem;
  expect(problem.status).toBe(response.status);
  expect(problem.detail.length).toBeGreaterThan(10);
  expect(problem.requestId).toBe(response.headers.get("X-Request-Id"));
  return problem;
}

const JSON_HEADERS = { "Content-Type": "application/json" };

describe("an upload that is cut off in the middle", () => {
  const part = Buffer.alloc(7 * MEGABYTE, "x");
  const boundary = { "Content-Type": "multipart/form-data; boundary=xyz" };
  const formHead = '--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';

  test.each<[string, string, Record<string, string>, Buffer]>([
    ["with a length", "PUT", { "Content-Length": String(9 * MEGABYTE) }, part],
    ["as a form", "POST", boundary, Buffer.concat([Buffer.from(formHead), part])],
  ])("%s leaves neither a file nor an object", async (_how, method, headers, sent) => {
    const bob = await Client.signUp(product.url);
    const whole = await bob.uploadPhoto(await makePhoto({ width: 64, height: 64 }));
    await bob.settled(whole.id);
    const before = product.storedObjects(bob);
    expect(before.length).toBeGreaterThan(1);
    await sendAndBreakOff(bob, method, headers, sent);
    await expect.poll(() => product.begunObjects(bob)).toEqual([]);
    expect(await bob.json("/api/files")).toMatchObject([{ id: whole.id }]);
    expect(product.storedObjects(bob)).toEqual(before);
  });

  /** Sends part of a file and closes the connection once the file is being stored. */
  async function sendAndBreakOff(as: Client, method: string, more: Record<string, string>, sent: Buffer) {
    const headers = { Authorization: `Bearer ${as.account.accessToken}`, ...more };
    const request = http.request(`${product.url}/api/files`, { method, headers });
    request.on("error", () => undefined);
    await new Promise((written) => request.write(sent, written));
    await expect.poll(() => product.begunObjects(as)).toHaveLength(1);
    request.destroy();
  }
});

describe("JSON that does not fit", () => {
  test.each([
    ["/api/auth/register", "{", 400, "malformed_json"],
    ["/api/auth/login", "[", 400, "malformed_json"],
    ["/api/orders", "", 400, "malformed_json"],
    ["/api/auth/register", '{"email":"a@example.com"}', 422, "invalid_request"],
    ["/api/auth/register", '{"email":"no address","password":"long enough 1"}', 422, "invalid_request"],
    [
      "/api/auth/register",
      '{"email":"b@example.com","password":"long enough 1","role":"admin"}',
      422,
      "invalid_request",
    ],
    ["/api/orders", '{"product":"x","quantity":1,"price":1,"userId":"me"}', 422, "invalid_request"],
    ["/api/orders", "null", 422, "invalid_request"],
  ])("POST %s %s is answered %i %s", async (path, body, status, code) => {
    const response = await ada.fetch(path, { method: "POST", headers: JSON_HEADERS, body });
    expect(response.status).toBe(status);
    expect((await refusal(response)).code).toBe(code);
  });

  test("a JSON body of a megabyte is 413", async () => {
    const body = JSON.stringify({ product: "x".repeat(MEGABYTE), quantity: 1, price: 1 });
    const response = await ada.fetch("/api/orders", { method: "POST", headers: JSON_HEADERS, body });
    expect(response.status).toBe(413);
    await refusal(response);
  });

  test("a JSON document of a megabyte is stored as the file that it is, byte for byte", async () => {
    const body = JSON.stringify({ points: "x".repeat(MEGABYTE) });
    const stored = await eve.fetch("/api/files", { method: "PUT", headers: JSON_HEADERS, body });
    expect(stored.status).toBe(201);
    const { id } = (await stored.json()) as { id: string };
    expect(await (await eve.fetch(`/api/files/${id}`)).text()).toBe(body);
  });
});

describe("a body without a length", () => {
  test.each(["application/json", "text/xml", "application/x-www-form-urlencoded"])(
    "of %s is 413 beyond its limit, however much of it is still on its way",
    async (type) => {
      for (const megabytes of [1, 20]) {
        const body = new Blob([Buffer.alloc(megabytes * MEGABYTE, "x")]).stream();
        const init = { method: "POST", headers: { "Content-Type": type }, body, duplex: "half" };
        const response = await fetch(`${product.url}/register`, init);
        expect(response.status).toBe(413);
        expect(await response.text()).toContain("payload_too_large");
      }
    },
  );
});

describe("a body that comes compressed", () => {
  const zipped = gzipSync(Buffer.alloc(20 * MEGABYTE), { level: 0 });
  const put = (body: BodyInit) =>
    ada.fetch("/api/files", {
      ...{ method: "PUT", headers: { "Content-Encoding": "gzip" }, body },
      ...{ duplex: "half" },
    });

  test.each([
    ["with a length", () => put(zipped)],
    ["without one", () => put(new Blob([zipped]).stream())],
  ])("%s is 415 and stored nowhere, though it was sent whole", async (_how, send) => {
    const response = await send();
    expect([response.status, response.headers.get("Accept-Encoding")]).toEqual([415, "identity"]);
    expect((await refusal(response)).code).toBe("unsupported_media_type");
    expect(await ada.json("/api/files")).toEqual([]);
  });

  test("is 415 where JSON is wanted too", async () => {
    const headers = { ...JSON_HEADERS, "Content-Encoding": "gzip" };
    const body = gzipSync('{"product":"Print","quantity":1,"price":5}');
    const response = await ada.fetch("/api/orders", { method: "POST", headers, body });
    expect([response.status, response.headers.get("Accept-Encoding")]).toEqual([415, "identity"]);
    await refusal(response);
  });
});

describe("uploads that are no photo", () => {
  const put = (body: BodyInit, type = "image/jpeg") =>
    ada.fetch("/api/images", { method: "PUT", headers: { "Content-Type": type }, body });

  async function form(path: string, field: string, bytes: BlobPart, type: string): Promise<Response> {
    const body = new FormData();
    body.set(field, new Blob([bytes], { type }), "photo.jpg");
    return ada.fetch(path, { method: "POST", body });
  }

  test("a text file sent as a photo is 415 on both doors", async () => {
    for (const response of [
      await put("I am no photo, whatever I am called."),
      await form("/api/images/upload", "image", "I am no photo either.", "image/jpeg"),
    ]) {
      expect(response.status).toBe(415);
      expect((await refusal(response)).code).toBe("unsupported_image");
    }
  });

  test("an empty body is 422", async () => {
    const response = await put("");
    expect(response.status).toBe(422);
    await refusal(response);
  });

  test("a form without a file is 422", async () => {
    const body = new FormData();
    body.set("comment", "no file here");
    const response = await ada.fetch("/api/images/upload", { method: "POST", body });
    expect(response.status).toBe(422);
    await refusal(response);
  });

  test("60 MB are 413 on both doors", async () => {
    const photo = await makePhoto({ width: 64, height: 64 });
    const bytes = Buffer.alloc(60 * MEGABYTE);
    photo.copy(bytes);
    for (const response of [await put(bytes), await form("/api/images/upload", "image", bytes, "image/jpeg")]) {
      expect(response.status).toBe(413);
      expect((await refusal(response)).code).toBe("payload_too_large");
    }
  });

  test("a photo that is rubbish behind its header fails with a reason a person can read", async () => {
    const photo = await sharp(await makePhoto({ width: 640, height: 480 }))
      .png()
      .toBuffer();
    const upload = await ada.uploadPhoto(photo.fill(0x55, 100), "broken.png");
    const settled = await ada.settled(upload.id);
    expect(settled.status).toBe("failed");
    expect(settled.errorMessage).toMatch(/\w+ \w+/);
  });

  test("leave nothing behind", async () => {
    const { images } = await eve.json<ImageList>("/api/images");
    expect(images).toEqual([]);
    const mine = await ada.json<ImageList>("/api/images");
    expect(mine.images.filter((image) => image.status !== "failed")).toEqual([]);
  });
});

describe("people", () => {
  const routes = ["/api/images", "/api/orders", "/api/users/me", "/api/files", "/api/audit/logs", "/api/events"];

  test.each(routes)("without a token, or with a bad one, get 401 from %s", async (path) => {
    const forged = `${ada.account.accessToken.slice(0, -8)}AAAAAAAA`;
    const attempts: Record<string, string>[] = [
      {},
      { Authorization: `Bearer ${forged}` },
      { Authorization: "Bearer x" },
    ];
    for (const headers of attempts) {
      const response = await fetch(`${product.url}${path}`, { headers });
      expect(response.status).toBe(401);
      expect((await refusal(response)).code).toBe("unauthenticated");
    }
  });

  test("get the same answer for somebody else's thing as for none at all", async () => {
    const upload = await ada.uploadPhoto(await makePhoto({ width: 320, height: 240 }, 7));
    const order = await ada.json<{ id: string }>("/api/orders", {
      method: "POST",
      headers: JSON_HEADERS,
      body: '{"product":"Print","quantity":1,"price":5}',
    });
    const nobody = "01890000-0000-7000-8000-000000000000";
    const paths = (id: string, orderId: string, userId: string) => [
      `/api/images/${id}`,
      `/api/images/${id}/status`,
      `/api/images/${id}/original`,
      `/api/files/${id}`,
      `/api/files/${id}/meta`,
      `/uploads/${id}`,
      `/api/jobs/${id}`,
      `/api/orders/${orderId}`,
      `/api/users/${userId}`,
    ];
    const foreign = paths(upload.id, order.id, ada.account.userId);
    const unknown = paths(nobody, nobody, nobody);
    for (const [index, path] of foreign.entries()) {
      const answers = await Promise.all([eve.fetch(path), eve.fetch(unknown[index] ?? "")]);
      const problems = await Promise.all(answers.map(refusal));
      expect([path, ...problems.map((problem) => problem.status)]).toEqual([path, 404, 404]);
      expect({ ...problems[0], requestId: "" }).toEqual({ ...problems[1], requestId: "" });
    }
  });
});
