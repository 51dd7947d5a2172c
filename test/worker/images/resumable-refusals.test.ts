import { describe, expect, test } from "vitest";
import { OPEN_UPLOADS_MAX } from "../../../workers/images/src/tus/begin-upload.ts";
import { PART_BYTES } from "../../../workers/images/src/tus/part-writer.ts";
import { BUFFERED_BYTES_MAX } from "../../../workers/images/src/uploads/upload-budget.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { env } from "./photos.ts";
import { begin, digest, expectGone, head, MAX_BYTES, noise, openUploads, patch, TUS } from "./resumable.ts";

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
