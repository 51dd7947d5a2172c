import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { FileView, ImageSummary } from "../../../shared/contracts/images.ts";
import type { ImagesPersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { toHex } from "../../../shared/hex.ts";
import { RELAY_NAME } from "../../../shared/outbox/commit.ts";
import { OPEN_UPLOADS_MAX } from "../../../workers/images/src/tus/begin-upload.ts";
import { PART_BYTES } from "../../../workers/images/src/tus/part-writer.ts";
import { SessionStore } from "../../../workers/images/src/tus/session-record.ts";
import { BUFFERED_BYTES_MAX } from "../../../workers/images/src/uploads/upload-budget.ts";
import { jpegWith, telltaleSegments } from "../../support/metadata.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, eventTypes, expectNothingStored, png, sidewaysJpeg, storedKeys } from "./photos.ts";

const personalData = (exports as unknown as { PersonalDataService: ImagesPersonalDataApi }).PersonalDataService;

const TUS = { "Tus-Resumable": "1.0.0" };
const MAX_BYTES = 52_428_800;

/** Bytes that differ everywhere, so that a piece in the wrong place shows. */
function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint32Array(Math.ceil(bytes / 4));
  for (let i = 0; i < all.length; i++) all[i] = Math.imul(i + 1, 0x9e3779b1);
  return new Uint8Array(all.buffer).subarray(0, bytes);
}

async function digest(bytes: BufferSource): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
}

async function begin(person: Person, length: number | null, headers: Record<string, string> = {}): Promise<string> {
  const begun = await call("/api/uploads", {
    as: person,
    method: "POST",
    headers: {
      ...TUS,
      ...(length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(length) }),
      "Upload-Metadata": `filename ${btoa("holiday.png")},filetype ${btoa("text/plain")}`,
      ...headers,
    },
  });
  expect(begun.status).toBe(201);
  return begun.headers.get("Location") ?? "";
}

function patch(person: Person, path: string, offset: number, body: BodyInit, headers: Record<string, string> = {}) {
  return call(path, {
    as: person,
    method: "PATCH",
    body,
    headers: { ...TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...headers },
  });
}

function head(person: Person, path: string) {
  return call(path, { as: person, method: "HEAD", headers: TUS });
}

/** A file that came in one go, as its row tells of it. */
async function uploadedFile(john: Person): Promise<{ id: string; key: string }> {
  const id = (await patch(john, await begin(john, 5), 0, "words")).headers.get("X-File-Id");
  const row = await env.DB.prepare("SELECT id, key FROM file WHERE id = ?")
    .bind(id)
    .first<{ id: string; key: string }>();
  return row!;
}

function sessionOf(person: Person, path: string) {
  return env.UPLOADS.getByName(`${person.id}/${path.split("/").at(-1)}`);
}

/** A body that comes in pieces and breaks off when all of them were read. */
function brokenOff(bytes: Uint8Array, size = 64 * 1024): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.error(new Error("The line is dead."));
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}

/** A body whose client is gone without anybody having noticed: nothing more comes, and no end either. */
function fallsSilent(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream({
    pull(controller) {
      if (pulls === 0) controller.enqueue(bytes);
      pulls += 1;
      return pulls === 1 ? Promise.resolve() : new Promise<void>(() => undefined);
    },
  });
}

async function openUploads(): Promise<number> {
  return (await env.DB.prepare("SELECT count(*) AS n FROM open_upload").first<number>("n")) ?? 0;
}

/** That nothing of an upload is left: no row, no object, nothing in its Durable Object. */
async function expectGone(person: Person, path: string): Promise<void> {
  await expectNothingStored();
  expect(await openUploads()).toBe(0);
  await runInDurableObject(sessionOf(person, path), async (_, state) => {
    expect((await state.storage.list()).size).toBe(0);
    expect(await state.storage.getAlarm()).toBeNull();
  });
}

describe("a resumable upload", () => {
  test("of a photo becomes an image once its last byte came, and says which", async () => {
    const john = await signIn();
    const path = await begin(john, png().length);
    const sent = await patch(john, path, 0, png());
    expect(sent.status).toBe(204);
    expect(sent.headers.get("Upload-Offset")).toBe(String(png().length));
    const id = sent.headers.get("X-File-Id");
    expect(path).toBe(`/api/uploads/${id}`);
    expect(sent.headers.get("X-Image-Id")).toBe(id);
    const jobId = sent.headers.get("X-Job-Id");
    expect(await (await call(`/api/jobs/${jobId}`, { as: john })).json()).toMatchObject({ imageId: id });
    const [image] = await (await call("/api/images", { as: john }))
      .json<{ images: ImageSummary[] }>()
      .then(({ images }) => images);
    expect(image).toMatchObject({ id, originalName: "holiday.png", status: "pending" });
    expect(await eventTypes()).toEqual(["image.uploaded"]);
    expect(await openUploads()).toBe(0);
    expect(await (await call(path, { as: john })).json()).toMatchObject({
      offset: png().length,
      length: png().length,
      fileId: id,
      imageId: id,
      jobId,
    });
  });

  test("of a photo that tells where it was taken is looked through as at the other doors", async () => {
    const john = await signIn();
    const photo = jpegWith(sidewaysJpeg(40, 30), telltaleSegments(6), sidewaysJpeg(8, 8));
    const path = await begin(john, photo.length);
    const sent = await patch(john, path, 0, photo);
    const file = await (await call(`/api/files/${sent.headers.get("X-File-Id")}/meta`, { as: john })).json<FileView>();
    expect(file.metadata_found).toContain("gps");
    expect(file.sha256).toBe(toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", photo))));
  });

  test("of a file that is there already shares its bytes, and leaves none of its own behind", async () => {
    const john = await signIn();
    const { key } = await uploadedFile(john);
    const twin = await uploadedFile(john);
    expect(twin.key).toBe(key);
    await runDurableObjectAlarm(env.RELAY.getByName(RELAY_NAME));
    await expect.poll(storedKeys).toEqual([key]);
    expect(await (await call(`/api/files/${twin.id}`, { as: john })).text()).toBe("words");
  });

  test("of any other file becomes a file; its type is its content's, not the one that was said", async () => {
    const john = await signIn();
    const path = await begin(john, 5, { "Upload-Metadata": `name ${btoa("words.png")},filetype ${btoa("image/png")}` });
    const sent = await patch(john, path, 0, "words");
    expect(sent.headers.get("X-Image-Id")).toBeNull();
    const meta = await call(`/api/files/${sent.headers.get("X-File-Id")}/meta`, { as: john });
    const file = await meta.json<FileView>();
    expect(file).toMatchObject({ name: "words.png", size: 5 });
    expect(file.mime_type).not.toBe("image/png");
  });

  test.each([
    ["one byte less than a part", PART_BYTES - 1],
    ["a part", PART_BYTES],
    ["one byte more than a part", PART_BYTES + 1],
    ["two parts", 2 * PART_BYTES],
    ["two parts and a rest", 2 * PART_BYTES + 12_345],
  ])("of %s keeps its bytes, whatever pieces they come in", async (_name, length) => {
    const john = await signIn();
    const bytes = noise(length);
    const path = await begin(john, length);
    const step = 3 * 1024 * 1024 + 1;
    let last: Response | null = null;
    for (let at = 0; at < length; at += step) {
      last = await patch(john, path, at, bytes.slice(at, at + step));
      expect([at, last.status]).toEqual([at, 204]);
    }
    const stored = await call(`/api/files/${last?.headers.get("X-File-Id")}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
    expect(await storedKeys()).toHaveLength(1);
  });

  test.each([
    ["in its first part", 1_000_000],
    ["behind a part", PART_BYTES + 1_000_000],
  ])("that breaks off %s goes on at the byte that came last", async (_name, cut) => {
    const john = await signIn();
    const bytes = noise(2 * PART_BYTES);
    const path = await begin(john, bytes.length);
    await patch(john, path, 0, brokenOff(bytes.subarray(0, cut))).catch(() => undefined);
    const asked = await head(john, path);
    expect(asked.status).toBe(200);
    expect(asked.headers.get("Cache-Control")).toBe("no-store");
    const offset = Number(asked.headers.get("Upload-Offset"));
    expect(offset).toBe(cut);
    const rest = await patch(john, path, offset, bytes.slice(offset));
    const stored = await call(`/api/files/${rest.headers.get("X-File-Id")}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
  });

  test("may bring its bytes with its beginning", async () => {
    const john = await signIn();
    const begun = await call("/api/uploads", {
      as: john,
      method: "POST",
      headers: { ...TUS, "Upload-Length": "5", "Content-Type": "application/offset+octet-stream" },
      body: "words",
    });
    expect(begun.status).toBe(201);
    expect(begun.headers.get("Upload-Offset")).toBe("5");
    expect(begun.headers.get("X-File-Id")).not.toBeNull();
  });

  test("may say its length later", async () => {
    const john = await signIn();
    const path = await begin(john, null);
    expect((await patch(john, path, 0, "one ")).headers.get("Upload-Defer-Length")).toBe("1");
    const sent = await patch(john, path, 4, "two", { "Upload-Length": "7" });
    const stored = await call(`/api/files/${sent.headers.get("X-File-Id")}`, { as: john });
    expect(await stored.text()).toBe("one two");
  });

  test("tells its metadata back and when its time is over", async () => {
    const john = await signIn();
    const path = await begin(john, 10);
    const asked = await head(john, path);
    expect(asked.headers.get("Upload-Metadata")).toBe(`filename ${btoa("holiday.png")},filetype ${btoa("text/plain")}`);
    expect(asked.headers.get("Upload-Length")).toBe("10");
    const hours = (Date.parse(asked.headers.get("Upload-Expires") ?? "") - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  });

  test("is nobody else's: it answers like one that never was", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    const path = await begin(john, 5);
    const never = `/api/uploads/${crypto.randomUUID()}`;
    for (const method of ["HEAD", "GET", "DELETE"]) {
      expect((await call(path, { as: jane, method, headers: TUS })).status).toBe(404);
    }
    const [theirs, unknown] = [await patch(jane, path, 0, "words"), await patch(jane, never, 0, "words")];
    expect([theirs.status, unknown.status]).toEqual([404, 404]);
    const withoutId = async (response: Response) => ({ ...(await response.json<object>()), requestId: "" });
    expect(await withoutId(theirs)).toEqual(await withoutId(unknown));
    expect((await patch(john, path, 0, "words")).status).toBe(204);
  });

  test("says without a credential what it can do", async () => {
    const told = await call("/api/uploads", { method: "OPTIONS" });
    expect(told.status).toBe(204);
    expect(told.headers.get("Tus-Version")).toBe("1.0.0");
    expect(told.headers.get("Tus-Max-Size")).toBe(String(MAX_BYTES));
    expect(told.headers.get("Tus-Extension")).toContain("termination");
    expect((await call("/api/uploads", { method: "POST", headers: TUS })).status).toBe(401);
  });
});

describe("a resumable upload is refused", () => {
  test.each<[string, number, Record<string, string>]>([
    ["in another version of the protocol", 412, { "Tus-Resumable": "0.2.2", "Upload-Length": "5" }],
    ["when it is larger than a file may be", 413, { "Upload-Length": String(MAX_BYTES + 1) }],
    ["when it is empty", 422, { "Upload-Length": "0" }],
    ["without a length", 422, {}],
    ["with a length that is none", 422, { "Upload-Length": "-5" }],
    ["with metadata that is no base64", 422, { "Upload-Length": "5", "Upload-Metadata": "filename ?" }],
    ["as part of another", 422, { "Upload-Length": "5", "Upload-Concat": "partial" }],
  ])("%s: %i", async (_name, status, headers) => {
    const john = await signIn();
    const refused = await call("/api/uploads", { as: john, method: "POST", headers: { ...TUS, ...headers } });
    expect(refused.status).toBe(status);
    expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await openUploads()).toBe(0);
  });

  test("at another offset than it is at, and goes on unharmed", async () => {
    const john = await signIn();
    const path = await begin(john, 10);
    await patch(john, path, 0, "first");
    expect((await patch(john, path, 3, "x")).status).toBe(409);
    expect((await patch(john, path, 0, "first")).status).toBe(409);
    expect((await patch(john, path, 5, "later")).headers.get("X-File-Id")).not.toBeNull();
  });

  test("as another content type", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    expect((await patch(john, path, 0, "words", { "Content-Type": "text/plain" })).status).toBe(415);
  });

  test("compressed, and goes on unharmed", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    const refused = await patch(john, path, 0, "zip", { "Content-Encoding": "gzip" });
    expect([refused.status, refused.headers.get("Accept-Encoding")]).toEqual([415, "identity"]);
    expect((await patch(john, path, 0, "words")).headers.get("X-File-Id")).not.toBeNull();
  });

  test("when more comes than its length, and ended", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    expect((await patch(john, path, 0, "too many words")).status).toBe(413);
    await expectGone(john, path);
  });

  test("when the user has a hundred under way, until one ends", async () => {
    const john = await signIn();
    const insert = env.DB.prepare("INSERT INTO open_upload (id, user_id, expires_at) VALUES (?, ?, ?)");
    const other = Array.from({ length: OPEN_UPLOADS_MAX - 1 }, (_, i) =>
      insert.bind(`x${i}`, john.id, Date.now() + 9e6),
    );
    await env.DB.batch([...other, insert.bind("stale", john.id, Date.now() - 1)]);
    const path = await begin(john, 5);
    const headers = { ...TUS, "Upload-Length": "5" };
    expect((await call("/api/uploads", { as: john, method: "POST", headers })).status).toBe(409);
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
    expect((await call("/api/uploads", { as: john, method: "POST", headers })).status).toBe(201);
  });
});

describe("an upload that ends early leaves nothing", () => {
  test("when it is deleted", async () => {
    const john = await signIn();
    const path = await begin(john, 2 * PART_BYTES);
    await patch(john, path, 0, noise(PART_BYTES + 1_000));
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
    expect((await head(john, path)).status).toBe(404);
    await expectGone(john, path);
  });

  test("when its time is over", async () => {
    const john = await signIn();
    const path = await begin(john, 2 * PART_BYTES);
    await patch(john, path, 0, noise(PART_BYTES + 1_000));
    await runInDurableObject(sessionOf(john, path), (_, state) => {
      const store = new SessionStore(state.storage.kv);
      store.note({ ...store.read()!, expiresAt: Date.now() - 1 });
    });
    expect(await runDurableObjectAlarm(sessionOf(john, path))).toBe(true);
    await expectGone(john, path);
  });

  test("when its user is erased, and takes nothing more", async () => {
    const john = await signIn();
    const path = await begin(john, 2 * PART_BYTES);
    await patch(john, path, 0, noise(PART_BYTES + 1_000));
    while (!(await personalData.eraseUser(john.id)));
    await expectGone(john, path);
    const headers = { ...TUS, "Upload-Length": "5" };
    expect((await call("/api/uploads", { as: john, method: "POST", headers })).status).toBe(401);
  });
});

describe("an upload whose last byte was acknowledged", () => {
  /** Puts an upload back to where a kill between its last byte and its outcome leaves it. */
  async function forgetOutcome(john: Person, path: string): Promise<void> {
    await runInDurableObject(sessionOf(john, path), (_, state) => {
      const store = new SessionStore(state.storage.kv);
      store.note({ ...store.read()!, outcome: null });
    });
  }

  async function receivedOnly(john: Person, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const path = await begin(john, bytes.length);
    await env.DB.prepare("ALTER TABLE file RENAME TO file_away").run();
    expect((await patch(john, path, 0, bytes)).status).toBe(204);
    await env.DB.prepare("ALTER TABLE file_away RENAME TO file").run();
    return path;
  }

  test.each([
    ["small", 5_000],
    ["of several parts", 2 * PART_BYTES + 5],
  ])("becomes a file by the alarm when the database was away (%s)", async (_name, length) => {
    const john = await signIn();
    const bytes = noise(length);
    const path = await receivedOnly(john, bytes);
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(503);
    expect(await runDurableObjectAlarm(sessionOf(john, path))).toBe(true);
    const id = (await head(john, path)).headers.get("X-File-Id");
    const stored = await call(`/api/files/${id}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
    expect(await openUploads()).toBe(0);
  });

  test("leaves nothing when its user is erased before it is a file", async () => {
    const john = await signIn();
    const path = await receivedOnly(john, noise(PART_BYTES + 5));
    await env.DB.prepare("INSERT INTO erased_user (user_id) VALUES (?)").bind(john.id).run();
    await runDurableObjectAlarm(sessionOf(john, path));
    await expectGone(john, path);
  });

  test("becomes one file, however often it is finished", async () => {
    const john = await signIn();
    const path = await begin(john, png().length);
    const jobId = (await patch(john, path, 0, png())).headers.get("X-Job-Id");
    await forgetOutcome(john, path);
    await runDurableObjectAlarm(sessionOf(john, path));
    expect((await head(john, path)).headers.get("X-Job-Id")).toBe(jobId);
    expect(await (await call("/api/files", { as: john })).json()).toHaveLength(1);
    expect(await eventTypes()).toEqual(["image.uploaded"]);
  });

  test("is not made again when its owner has deleted it before the repetition", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    const id = (await patch(john, path, 0, "words")).headers.get("X-File-Id");
    await forgetOutcome(john, path);
    expect((await call(`/api/files/${id}`, { as: john, method: "DELETE" })).status).toBe(204);
    await runDurableObjectAlarm(sessionOf(john, path));
    expect(await (await call("/api/files", { as: john })).json()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("and whose length was only said then becomes a file", async () => {
    const john = await signIn();
    const path = await begin(john, null);
    await patch(john, path, 0, "words");
    const said = await call(path, {
      as: john,
      method: "PATCH",
      headers: {
        ...TUS,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "5",
        "Upload-Length": "5",
      },
    });
    expect(await (await call(`/api/files/${said.headers.get("X-File-Id")}`, { as: john })).text()).toBe("words");
  });

  test("keeps it though its connection broke before the answer", async () => {
    const john = await signIn();
    const bytes = noise(PART_BYTES + 70_000);
    const path = await begin(john, bytes.length);
    await patch(john, path, 0, brokenOff(bytes)).catch(() => undefined);
    expect((await head(john, path)).headers.get("Upload-Offset")).toBe(String(bytes.length));
    await runDurableObjectAlarm(sessionOf(john, path));
    const id = (await head(john, path)).headers.get("X-File-Id");
    const stored = await call(`/api/files/${id}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
  });

  test("stays a file when the upload is forgotten", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    const id = (await patch(john, path, 0, "words")).headers.get("X-File-Id");
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
    expect((await head(john, path)).status).toBe(404);
    expect(await (await call(`/api/files/${id}`, { as: john })).text()).toBe("words");
  });
});

describe("two requests for one upload", () => {
  test("do not wait for each other: asking where to go on ends the older one", async () => {
    const john = await signIn();
    const bytes = noise(PART_BYTES + 500_000);
    const path = await begin(john, bytes.length);
    const older = patch(john, path, 0, fallsSilent(bytes.slice(0, 300_000)));
    // The question may come before the bytes do, or in their middle: from where it ends them it goes on.
    let isOver = false;
    void older.then(() => {
      isOver = true;
    });
    let offset = 0;
    await expect
      .poll(async () => {
        offset = Number((await head(john, path)).headers.get("Upload-Offset"));
        return offset > 0 || isOver;
      })
      .toBe(true);
    const newer = await patch(john, path, offset, bytes.slice(offset));
    expect(newer.status).toBe(204);
    expect((await older).status).toBe(409);
    const stored = await call(`/api/files/${newer.headers.get("X-File-Id")}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
  });
});

test("uploads that do not fit into an isolate's memory together are told to come back, and lose nothing", async () => {
  const john = await signIn();
  const fitting = Math.floor(BUFFERED_BYTES_MAX / PART_BYTES);
  const paths = await Promise.all(Array.from({ length: fitting }, () => begin(john, PART_BYTES)));
  const older = paths.map((path) => patch(john, path, 0, fallsSilent(noise(1_000))));
  const late = await begin(john, PART_BYTES);
  const send = async () => {
    const { offset } = await (await call(late, { as: john })).json<{ offset: number }>();
    return patch(john, late, offset, "words");
  };
  await expect.poll(async () => (await send()).status).toBe(503);
  expect((await send()).headers.get("Retry-After")).toBe("2");
  for (const path of paths) await head(john, path);
  expect((await Promise.all(older)).map(({ status }) => status)).toEqual(Array(fitting).fill(409));
  expect((await send()).status).toBe(204);
});
