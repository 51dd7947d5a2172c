import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { ImageDetails, UploadView } from "../../../shared/contracts/images.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import app from "../../../workers/images/src/index.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { env, expectNothingStored, form, png, sidewaysJpeg, storedKeys, uploadPhoto } from "./photos.ts";

const MIB = 1024 * 1024;
/** For tests that move tens of megabytes on a machine that has other things to do. */
const PATIENTLY = { timeout: 30_000 };

const OPENING = '--xyz\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n';
const MULTIPART = { "Content-Type": "multipart/form-data; boundary=xyz" };

/** A form that is sent in pieces, without a length. */
function formInPieces(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  async function* framed() {
    yield new TextEncoder().encode(OPENING);
    yield* pieces;
    yield new TextEncoder().encode("\r\n--xyz--\r\n");
  }
  const chunks = framed();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) return controller.close();
      controller.enqueue(value.slice());
    },
  });
}

/** Whether the one object in the bucket has exactly these bytes. */
async function expectStored(bytes: Uint8Array): Promise<void> {
  const [key = ""] = await storedKeys();
  const object = await env.BUCKET.get(key);
  const stored = await (object as R2ObjectBody).arrayBuffer();
  expect(stored.byteLength).toBe(bytes.length);
  expect(await digest(stored)).toBe(await digest(bytes));
}

async function digest(bytes: BufferSource): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}

describe("uploading a photo", () => {
  test("answers the fields of every source system at once", async () => {
    const john = await signIn();
    const uploaded = await uploadPhoto(john);
    expect(uploaded).toMatchObject({
      message: "Image upload accepted for processing",
      status: "pending",
      user_id: john.id,
      name: "holiday.png",
      size: png().length,
      mime_type: "image/png",
      path: `/uploads/${uploaded.id}`,
    });
    expect(uploaded.imageId).toBe(uploaded.id);
    expect(uploaded.url).toMatch(/^http:\/\/halftone\.test\/uploads\/.+signature=[0-9a-f]{64}$/);
  });

  test("writes rows, bytes and event together", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    expect(await storedKeys()).toEqual([`${john.id}/${id}/1/original`]);
    const [event] = await new D1OutboxStore(env.DB).next(10);
    expect(event).toMatchObject({
      type: "image.uploaded",
      account: john.id,
      resource: id,
      sequence: 1,
      metadata: { filename: "holiday.png", size: png().length, mimeType: "image/png" },
    });
  });

  test.each([
    ["PUT", "/api/images", 202],
    ["POST", "/api/images/upload", 202],
    ["POST", "/upload", 201],
    ["POST", "/api/upload", 201],
    ["POST", "/api/files", 201],
  ])("is taken by %s %s with %i", async (method, path, status) => {
    const body = method === "PUT" ? png() : form("image", png());
    const response = await call(path, { as: await signIn(), method, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status: "pending", mime_type: "image/png" });
  });

  test.each(["image", "file", "anything"])("finds the file in the form field %s", async (field) => {
    const data = new FormData();
    data.append("title", "A day at the sea");
    data.append(field, new File([png()], "sea.png"));
    data.append("album", "2026");
    const response = await call("/api/images/upload", { as: await signIn(), body: data });
    expect(await response.json()).toMatchObject({ name: "sea.png" });
  });

  test.each([
    ["X-File-Name", { "X-File-Name": "caf%C3%A9.png" }, "", "café.png"],
    ["Content-Disposition", { "Content-Disposition": "attachment; filename*=UTF-8''b%20c.png" }, "", "b c.png"],
    ["the query", {}, "?name=d.png", "d.png"],
    ["a path, cut to its last piece,", { "X-File-Name": "..%2F..%2Fetc%2Fpasswd" }, "", "passwd"],
    ["nothing", {}, "", "unnamed"],
  ])("takes the name of a raw body from %s", async (_where, headers, query, name) => {
    const response = await call(`/api/images${query}`, { as: await signIn(), method: "PUT", body: png(), headers });
    expect(await response.json()).toMatchObject({ name });
  });

  test.each([0, 5])("reads its size as displayed, behind %i colour profiles of 60 kB too", async (profiles) => {
    const john = await signIn();
    const { id } = await uploadPhoto(john, sidewaysJpeg(400, 300, profiles));
    const details = await (await call(`/api/images/${id}`, { as: john })).json<ImageDetails>();
    expect(details.sizes.original).toMatchObject({ width: 300, height: 400, type: "image/jpeg" });
  });

  test("stores a JSON document byte for byte, however much longer than JSON input it is", async () => {
    const document = new TextEncoder().encode(JSON.stringify({ points: "x".repeat(MIB) }));
    const headers = { "Content-Type": "application/json", "Content-Length": String(document.length) };
    const response = await call("/api/files", { as: await signIn(), method: "PUT", body: document, headers });
    expect(response.status).toBe(201);
    await expectStored(document);
  });

  test("takes a photo whatever type the request calls it", async () => {
    const photo = png(40, 30, MIB);
    const headers = { "Content-Type": "application/geo+json", "Content-Length": String(photo.length) };
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body: photo, headers });
    expect(response.status).toBe(202);
  });

  test("refuses a megabyte of JSON where it is input, beside the doors for files too", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const body = JSON.stringify({ name: "x".repeat(MIB) });
    const headers = { "Content-Type": "application/json", "Content-Length": String(body.length) };
    const changed = await call(`/api/files/${id}`, { as: john, method: "PATCH", body, headers });
    expect(changed.status).toBe(413);
    const zipped = await call("/api/files/zip", { as: john, method: "POST", body, headers });
    expect(zipped.status).toBe(413);
  });

  test("stores a raw body with a length byte for byte", async () => {
    const photo = png(40, 30, 3 * MIB + 7);
    const headers = { "Content-Length": String(photo.length) };
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body: photo, headers });
    expect(await response.json()).toMatchObject({ size: photo.length });
    await expectStored(photo);
  });

  test.each([
    ["within one part", 3 * MIB + 1],
    ["exactly one part long", 6 * MIB],
    ["of several parts", 17 * MIB + 5],
  ])("stores a form's file, %s, byte for byte", PATIENTLY, async (_what, length) => {
    const photo = png(40, 30, length);
    const response = await call("/api/images/upload", { as: await signIn(), body: form("image", photo) });
    expect(response.status).toBe(202);
    await expectStored(photo);
  });
});

describe("the SHA-256 of an upload", () => {
  const photo = png(40, 30, 9 * MIB + 3);
  test.each<[string, string, BodyInit, Record<string, string>]>([
    ["a raw body", "PUT", photo, {}],
    ["a form", "POST", form("image", photo), {}],
    ["a form without a length", "POST", formInPieces([photo]), MULTIPART],
  ])("is told of %s, by the answer and by all that describes the file", async (_what, method, body, headers) => {
    const john = await signIn();
    const path = method === "PUT" ? "/api/images" : "/api/files";
    const uploaded = await (await call(path, { as: john, method, body, headers })).json<UploadView>();
    const sha256 = await digest(photo);
    expect(uploaded.sha256).toBe(sha256);
    expect(await (await call(`/api/files/${uploaded.id}/meta`, { as: john })).json()).toMatchObject({ sha256 });
    expect(await (await call(`/api/images/${uploaded.id}`, { as: john })).json()).toMatchObject({ sha256 });
  });
});

describe("uploading other files", () => {
  test("stores any kind as a file, by its content and not by what the client says", async () => {
    const body = form("file", "<script>alert(1)</script>", "page.html", "text/html");
    const response = await call("/api/files", { as: await signIn(), body });
    expect(response.status).toBe(201);
    const file = await response.json<Record<string, unknown>>();
    expect(file).toMatchObject({ name: "page.html", mime_type: "text/plain", message: "File stored" });
    expect(file.imageId).toBeUndefined();
  });

  const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const HTML = "<!doctype html><script>alert(1)</script>";

  test.each([
    ["an SVG", SVG, "a.svg", "image/svg+xml"],
    ["a page", HTML, "a.html", "text/html"],
  ])("takes %s for a file that no browser runs, and never for a photo", async (_what, content, name, type) => {
    const john = await signIn();
    const headers = { "Content-Type": type, "X-File-Name": name };
    const asPhoto = await call("/api/images", { as: john, method: "PUT", body: content, headers });
    expect(asPhoto.status).toBe(415);
    const uploaded = await call("/api/files", { as: john, method: "PUT", body: content, headers });
    const { id, url, imageId } = await uploaded.json<UploadView>();
    expect(imageId).toBeUndefined();
    for (const path of [url.replace("http://halftone.test", ""), `/api/files/${id}`, `/uploads/${id}`]) {
      const answer = await call(path, { as: john });
      expect(await answer.text()).toBe(content);
      expect(answer.headers.get("Content-Type")).not.toBe(type);
      expect(answer.headers.get("Content-Disposition")).toMatch(/^attachment;/);
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(answer.headers.get("Content-Security-Policy")).toBe("default-src 'none'; sandbox");
    }
  });

  test("keeps every key below STORAGE_PATH", async () => {
    const john = await signIn();
    const request = new Request("http://halftone.test/api/files", {
      method: "PUT",
      headers: { ...john.headers, "Content-Length": "5" },
      body: "words",
    });
    const ctx = createExecutionContext();
    const bindings = { ...env, STORAGE_PATH: "halftone/uploads" };
    const answer = await app.fetch(request, bindings, ctx);
    await waitOnExecutionContext(ctx);
    const { id } = await answer.json<UploadView>();
    expect(await storedKeys()).toEqual([`halftone/uploads/${john.id}/${id}/1/original`]);
  });

  test("stores a picture that cannot be resized as a plain file", async () => {
    const response = await call("/api/files", { as: await signIn(), body: form("file", png(20_000, 20_000)) });
    expect(response.status).toBe(201);
    expect(await response.json()).not.toHaveProperty("jobId");
    expect((await new D1OutboxStore(env.DB).next(10)).map((event) => event.type)).toEqual(["file.uploaded"]);
  });
});

/** How many forms whose length nobody knows one isolate takes at a time (C31). */
const EIGHT = 8;

async function begunUploads(): Promise<number> {
  const row = await env.DB.prepare("SELECT COUNT(*) AS n FROM begun_object").first<{ n: number }>();
  return row?.n ?? 0;
}

describe("refusing an upload", () => {
  interface Refusal {
    path?: string;
    method?: string;
    body?: BodyInit;
    headers?: Record<string, string>;
  }
  const twoFiles = form("image", png());
  twoFiles.append("file", new File([png()], "second.png"));

  test.each<[string, number, string, Refusal]>([
    ["text sent as a photo", 415, "unsupported_image", { method: "PUT", body: "just words" }],
    ["text in a photo's form", 415, "unsupported_image", { body: form("image", "words", "a.jpg", "image/jpeg") }],
    ["a GIF", 415, "unsupported_image", { body: form("image", "GIF89a\x01\x00\x01\x00") }],
    ["a body that is no form", 415, "unsupported_media_type", { body: png() }],
    [
      "a form without a boundary",
      415,
      "unsupported_media_type",
      { headers: { "Content-Type": "multipart/form-data" } },
    ],
    ["an empty raw body", 422, "invalid_request", { method: "PUT" }],
    ["an empty file", 422, "invalid_request", { body: form("image", "") }],
    ["a form without a file", 422, "invalid_request", { body: "--xyz--\r\n", headers: MULTIPART }],
    ["two files at once", 422, "invalid_request", { body: twoFiles }],
    ["a form that is cut off", 400, "malformed_request", { body: `${OPENING}${"x".repeat(300)}`, headers: MULTIPART }],
    ["a form that is none", 400, "malformed_request", { body: "no form at all", headers: MULTIPART }],
    ["a flood of pixels", 413, "image_too_large", { method: "PUT", body: png(20_000, 20_000) }],
  ])("answers %s with %i %s and leaves nothing behind", async (_what, status, code, { path, ...request }) => {
    const url = path ?? (request.method === "PUT" ? "/api/images" : "/api/images/upload");
    const response = await call(url, { as: await signIn(), method: "POST", ...request });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    await expectNothingStored();
  });

  test("refuses a photo that has no room beside its own bytes, and leaves nothing behind", async () => {
    const header = sidewaysJpeg(2800, 2800);
    const frame = header.findLastIndex((byte, at) => byte === 0xff && header[at + 1] === 0xc0);
    header[frame + 1] = 0xc2;
    const large = new Uint8Array(6_000_000);
    large.set(header);
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body: large });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "image_too_large", detail: expect.stringContaining("80.0") });
    await expectNothingStored();

    const small = await call("/api/images", { as: await signIn(), method: "PUT", body: header });
    expect(small.status).toBe(202);
  });

  test("names the field that does not fit", async () => {
    const response = await call("/api/files", { as: await signIn(), body: "--xyz--\r\n", headers: MULTIPART });
    expect(await response.json()).toMatchObject({ errors: [{ path: "file" }] });
  });

  test("refuses 60 MB by the declared length, before a single byte has come", async () => {
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const headers = { "Content-Length": String(60 * MIB) };
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body, headers });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "payload_too_large" });
    await expectNothingStored();
  });

  test.each([
    ["a raw photo", "PUT", "/api/images", "application/octet-stream"],
    ["a raw file", "PUT", "/api/files", "application/octet-stream"],
    ["a form", "POST", "/upload", "multipart/form-data; boundary=xyz"],
    ["the first bytes of a resumable upload", "POST", "/api/uploads", "application/offset+octet-stream"],
    ["JSON", "POST", "/api/files/zip", "application/json"],
  ])("refuses %s that comes compressed, before a single byte has come", async (_what, method, path, type) => {
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) });
    const headers = {
      "Content-Type": type,
      "Content-Length": "500",
      "Upload-Length": "500",
      "Content-Encoding": "gzip",
    };
    const response = await call(path, { as: await signIn(), method, body, headers });
    expect([response.status, response.headers.get("Accept-Encoding")]).toEqual([415, "identity"]);
    expect(await response.json()).toMatchObject({
      code: "unsupported_media_type",
      detail: "Send the body without Content-Encoding.",
    });
    await expectNothingStored();
  });

  test("takes a body whose encoding says that it has none", async () => {
    const headers = { "Content-Encoding": "identity" };
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body: png(), headers });
    expect(response.status).toBe(202);
  });

  test("refuses a form whose sender falls silent, without waiting for the rest", async () => {
    const part = `${OPENING}${"not a photo, ".repeat(10_000)}`;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(part)),
      pull: () => new Promise(() => undefined),
    });
    const response = await call("/upload", { as: await signIn(), body, headers: MULTIPART });
    expect(response.status).toBe(415);
    await expectNothingStored();
  });

  test.each([
    ["60 MB", 60],
    ["a body without end", Number.POSITIVE_INFINITY],
  ])(
    "refuses %s without a declared length while it comes, and leaves nothing behind",
    PATIENTLY,
    async (_what, mebibytes) => {
      const piece = png(40, 30, MIB);
      function* pieces() {
        for (let sent = 0; sent < mebibytes; sent++) yield piece;
      }
      const body = formInPieces(pieces());
      const response = await call("/api/images/upload", { as: await signIn(), body, headers: MULTIPART });
      expect(response.status).toBe(413);
      await expectNothingStored();
    },
  );

  test("refuses a raw body without a length: nobody could tell whether all of it came", async () => {
    const body = formInPieces([png()]);
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body });
    expect(response.status).toBe(411);
    expect(await response.json()).toMatchObject({ code: "length_required" });
    await expectNothingStored();
  });

  test("takes eight large forms at a time and answers the ninth 503 at once, not later", PATIENTLY, async () => {
    const john = await signIn();
    const upload = (body: ReadableStream) => call("/api/files", { as: john, body, headers: MULTIPART });
    const gate = Promise.withResolvers<void>();
    async function* held(which: number) {
      yield png(40, 30, 100_000 + which);
      await gate.promise;
    }
    const waiting = Array.from({ length: EIGHT }, (_, which) => upload(formInPieces(held(which))));
    await expect.poll(begunUploads).toBe(EIGHT);
    const refused = await upload(formInPieces([png()]));
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "2"]);
    expect(await refused.json()).toMatchObject({ code: "busy" });
    expect(await begunUploads()).toBe(EIGHT);
    gate.resolve();
    expect((await Promise.all(waiting)).map((answer) => answer.status)).toEqual(Array(EIGHT).fill(201));
    expect((await upload(formInPieces([png()]))).status).toBe(201);
  });

  test("leaves no object behind when the rows cannot be written", async () => {
    await env.DB.prepare("DROP TABLE outbox").run();
    const response = await call("/api/images", { as: await signIn(), method: "PUT", body: png() });
    expect(response.status).toBe(500);
    expect(await storedKeys()).toEqual([]);
    const { results } = await env.DB.prepare("SELECT id FROM file").all();
    expect(results).toEqual([]);
  });

  test.each(["/api/images/upload", "/api/files", "/upload", "/api/upload"])(
    "asks strangers to sign in on %s",
    async (path) => {
      expect((await call(path, { body: form("image", png()) })).status).toBe(401);
      const headers = { Authorization: "Bearer not.a.token" };
      expect((await call(path, { body: form("image", png()), headers })).status).toBe(401);
      await expectNothingStored();
    },
  );
});
