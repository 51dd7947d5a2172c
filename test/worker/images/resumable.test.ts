import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { FileView, ImageSummary } from "../../../shared/contracts/images.ts";
import { toHex } from "../../../shared/hex.ts";
import { RELAY_NAME } from "../../../shared/outbox/commit.ts";
import { PART_BYTES } from "../../../workers/images/src/tus/part-writer.ts";
import { jpegWith, telltaleSegments } from "../../support/metadata.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, eventTypes, png, sidewaysJpeg, storedKeys } from "./photos.ts";
import { begin, brokenOff, digest, head, MAX_BYTES, noise, openUploads, patch, TUS } from "./resumable.ts";

/** A file that came in one go, as its row tells of it. */
async function uploadedFile(john: Person): Promise<{ id: string; key: string }> {
  const id = (await patch(john, await begin(john, 5), 0, "words")).headers.get("X-File-Id");
  const row = await env.DB.prepare("SELECT id, key FROM file WHERE id = ?")
    .bind(id)
    .first<{ id: string; key: string }>();
  return row!;
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
