import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ImagesPersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { claim, complete, completeJob, env, form, rowsLeft, storedKeys, storeSize, uploadPhoto } from "./photos.ts";

const personalData = (exports as unknown as { PersonalDataService: ImagesPersonalDataApi }).PersonalDataService;

/** Erases until nothing is left. @returns how many calls it took */
async function eraseAll(userId: string): Promise<number> {
  for (let calls = 1; ; calls++) if (await personalData.eraseUser(userId)) return calls;
}

async function uploadText(person: Person, name = "words.txt"): Promise<string> {
  const uploaded = await call("/api/files", { as: person, body: form("file", "words", name) });
  return (await uploaded.json<{ id: string }>()).id;
}

/** Rows of files with nothing in the bucket: what counts is how many there are. */
async function insertFiles(userId: string, count: number): Promise<void> {
  const insert = env.DB.prepare(
    `INSERT INTO file (id, user_id, name, bytes, mime_type, key, etag, version, created_at)
     SELECT ?1 || '-' || value, ?1, 'name', 1, 'text/plain', ?1 || '/' || value, 'etag', 1, '2026-01-01T00:00:00.000Z'
     FROM json_each(?2)`,
  );
  await insert.bind(userId, JSON.stringify(Array.from({ length: count }, (_, i) => 10_000 + i))).run();
}

describe("erasing somebody's files", () => {
  test("leaves no row, no object and no link, and touches nobody else", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    const { url } = await complete(john);
    await uploadPhoto(john);
    await uploadText(john);
    const hers = await complete(jane);
    await eraseAll(john.id);
    expect((await storedKeys()).every((key) => key.startsWith(`${jane.id}/`))).toBe(true);
    expect((await rowsLeft()).every((row) => !JSON.stringify(row).includes(john.id))).toBe(true);
    expect((await call(url.replace("http://halftone.test", ""))).status).toBe(404);
    expect((await call(`/api/images/${hers.id}/large`, { as: jane })).status).toBe(200);
  });

  test("takes a hundred files a call and may be repeated", async () => {
    const john = newId();
    await insertFiles(john, 250);
    expect(await eraseAll(john)).toBe(4);
    expect(await rowsLeft()).toEqual([]);
    expect(await personalData.eraseUser(john)).toBe(true);
  });

  test("deletes objects that no row names", async () => {
    const john = newId();
    await env.BUCKET.put(`${john}/${newId()}/1/original`, "cut off between its bytes and its row");
    await eraseAll(john);
    expect(await storedKeys()).toEqual([]);
  });

  test("closes the door: a late upload and a late worker leave nothing behind", async () => {
    const john = await signIn();
    const { jobId } = await uploadPhoto(john);
    const attemptId = await claim(jobId);
    await storeSize(jobId, attemptId, "large");
    await eraseAll(john.id);
    expect(await storeSize(jobId, attemptId, "small")).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await completeJob(jobId, attemptId)).toMatchObject({ failure: { code: "attempt_lost" } });
    const late = await call("/api/files", { as: john, body: form("file", "words", "words.txt") });
    expect(late.status).toBe(401);
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("at the very moment of an upload leaves nothing or is told to come again", async () => {
    const john = await signIn();
    const uploads = Array.from({ length: 5 }, () =>
      call("/api/files", { as: john, body: form("file", "words", "words.txt") }),
    );
    await Promise.all([...uploads, personalData.eraseUser(john.id)]);
    await eraseAll(john.id);
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });
});

describe("exporting somebody's files", () => {
  test("tells of photos with their sizes and of other files, oldest first", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const text = await uploadText(john, "words.txt");
    await complete(await signIn());
    const { lines, records, next } = await personalData.exportPage(john.id, null);
    expect([records, next]).toEqual([2, null]);
    const [photo, file] = lines.trimEnd().split("\n");
    expect(JSON.parse(photo!)).toMatchObject({ record: "file", id, photo: { status: "complete", width: 40 } });
    expect(JSON.parse(photo!).photo.sizes).toHaveLength(4);
    expect(JSON.parse(file!)).toMatchObject({ id: text, name: "words.txt", zip: `${text}-words.txt`, photo: null });
  });

  test("goes page by page, every file once", async () => {
    const john = newId();
    await insertFiles(john, 250);
    const ids: string[] = [];
    const sizes: number[] = [];
    for (let cursor: string | null = null; ; ) {
      const page = await personalData.exportPage(john, cursor);
      sizes.push(page.records);
      ids.push(
        ...page.lines
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).id),
      );
      cursor = page.next;
      if (cursor === null) break;
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(new Set(ids).size).toBe(250);
  });

  test("zips what was uploaded, reading no more of it than is asked for", async () => {
    const john = await signIn();
    for (let i = 0; i < 3; i++) {
      const body = form("file", String(i).repeat(300_000), `words-${i}.txt`);
      await call("/api/files", { as: john, body });
    }
    // The last one is gone before the reader comes to it.
    const reader = (await personalData.openPhotosZip(john.id)).getReader();
    const first = await reader.read();
    expect(new TextDecoder().decode(first.value).startsWith("PK")).toBe(true);
    await env.BUCKET.delete((await storedKeys()).at(-1)!);
    let bytes = first.value?.length ?? 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.length;
    }
    expect(bytes).toBeGreaterThan(600_000);
    expect(bytes).toBeLessThan(900_000);
  });
});
