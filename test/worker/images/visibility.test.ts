import { describe, expect, test } from "vitest";
import type { FileView, ImageDetails } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { call } from "../call.ts";
import { type Person, signIn, signInByKey } from "../sign-in.ts";
import { complete, completeJob, env, eventTypes, form, makeSizes, png, uploadPhoto } from "./photos.ts";

function change(person: Person, path: string, changes: unknown, headers: Record<string, string> = {}) {
  return call(path, { as: person, method: "PATCH", json: changes, headers });
}

async function makePublic(person: Person, id: string): Promise<void> {
  expect((await change(person, `/api/images/${id}`, { visibility: "public" })).status).toBe(200);
}

describe("a public photo", () => {
  test("is anybody's to read, whole and in every size, and caches may keep it for half a minute", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    expect((await call(`/uploads/${id}`)).status).toBe(404);
    await makePublic(john, id);
    const answer = await call(`/uploads/${id}`);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(png());
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "public, max-age=30",
      vary: "Authorization, Cookie, X-API-Key",
      "cross-origin-resource-policy": "cross-origin",
    });
    for (const size of ["thumbnail", "small", "medium", "large"]) {
      const small = await call(`/uploads/${id}/${size}`);
      expect(new TextDecoder().decode(await small.arrayBuffer())).toBe(size);
      expect(small.headers.get("Vary")).toBe("Accept, Authorization, Cookie, X-API-Key");
    }
    expect((await call(`/uploads/${id}/original`)).status).toBe(200);
    expect((await call(`/uploads/${id}`, { method: "HEAD" })).headers.get("Content-Length")).toBe(String(png().length));
    const copy = { "If-None-Match": answer.headers.get("ETag") ?? "" };
    expect((await call(`/uploads/${id}`, { headers: copy })).status).toBe(304);
    expect((await call(`/uploads/${id}`, { headers: { Range: "bytes=0-3" } })).status).toBe(206);
    // Bytes are public, not what is known of them.
    for (const path of [`/api/images/${id}`, `/api/files/${id}`, `/api/files/${id}/meta`, `/api/images/${id}/small`]) {
      expect((await call(path, { as: await signIn() })).status).toBe(404);
    }
  });

  test("made private again is nobody else's at once", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    await makePublic(john, id);
    const copy = { "If-None-Match": (await call(`/uploads/${id}`)).headers.get("ETag") ?? "" };
    await change(john, `/api/files/${id}`, { visibility: "private" });
    const eve = await signIn();
    for (const path of [`/uploads/${id}`, `/uploads/${id}/small`]) {
      expect((await call(path, { headers: copy })).status).toBe(404);
      expect((await call(path, { as: eve })).status).toBe(404);
      expect((await call(path, { as: john })).headers.get("Cache-Control")).toBe("private, no-cache");
    }
  });

  test("is its owner's to read as such: what a credential opens is kept in no shared cache", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    await makePublic(john, id);
    const answer = await call(`/uploads/${id}`, { as: john });
    expect(answer.headers.get("Cache-Control")).toBe("private, no-cache");
    expect(answer.headers.get("Vary")).toBe("Authorization, Cookie, X-API-Key");
  });

  test("has the sizes that it has: one that is not made is 409, an unknown one 404", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    await makePublic(john, id);
    expect((await call(`/uploads/${id}/small`)).status).toBe(409);
    expect((await call(`/uploads/${id}/gigantic`)).status).toBe(404);
    expect((await call(`/uploads/${newId()}/small`)).status).toBe(404);
  });
});

describe("changing a photo", () => {
  test("renames it everywhere and notes it once; what is already so is no change", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const changes = { originalName: "seé/../lake.jpg", visibility: "public" };
    const changed = await change(john, `/api/images/${id}`, changes);
    expect(await changed.json()).toMatchObject({ id, originalName: "lake.jpg", visibility: "public" });
    expect(await (await call(`/api/images/${id}`, { as: john })).json()).toMatchObject({ originalName: "lake.jpg" });
    expect(await (await call(`/api/files/${id}/meta`, { as: john })).json()).toMatchObject({ name: "lake.jpg" });
    expect((await call(`/uploads/${id}`)).headers.get("Content-Disposition")).toContain("lake.jpg");
    await change(john, `/api/images/${id}`, { originalName: "lake.jpg" });
    await change(john, `/api/images/${id}`, {});
    const updates = (await new D1OutboxStore(env.DB).next(10)).filter(({ type }) => type === "image.updated");
    expect(updates).toMatchObject([
      {
        account: john.id,
        resource: id,
        sequence: 3,
        metadata: { fields: ["name", "visibility"], visibility: "public" },
      },
    ]);
  });

  test("that somebody else changed meanwhile is refused, where the caller says what it has seen", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const seen = (await call(`/api/images/${id}`, { as: john })).headers.get("ETag") ?? "";
    expect((await call(`/api/files/${id}/meta`, { as: john })).headers.get("ETag")).toBe(seen);
    const first = await change(john, `/api/images/${id}`, { originalName: "a.png" }, { "If-Match": seen });
    expect(first.status).toBe(200);
    expect(first.headers.get("ETag")).not.toBe(seen);
    for (const path of [`/api/images/${id}`, `/api/files/${id}`]) {
      const late = await change(john, path, { visibility: "public" }, { "If-Match": seen });
      expect([late.status, (await late.json<{ code: string }>()).code]).toEqual([412, "precondition_failed"]);
    }
    expect((await call(`/uploads/${id}`)).status).toBe(404);
  });

  test("and finishing it at the same time both happen", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const attemptId = await makeSizes(jobId);
    const [finished, changed] = await Promise.all([
      completeJob(jobId, attemptId),
      change(john, `/api/images/${id}`, { originalName: "both.png" }),
    ]);
    expect([finished.ok, changed.status]).toEqual([true, 200]);
    const details = await (await call(`/api/images/${id}`, { as: john })).json<ImageDetails>();
    expect(details).toMatchObject({ status: "complete", originalName: "both.png" });
    const events = await new D1OutboxStore(env.DB).next(10);
    expect(events.map(({ sequence }) => sequence).sort()).toEqual([1, 2, 3]);
  });

  test.each([
    { visibility: "friends" },
    { originalName: "" },
    { originalName: "x".repeat(256) },
    { id: "1" },
    [],
    null,
  ])("refuses %j", async (changes) => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    expect((await change(john, `/api/images/${id}`, changes)).status).toBe(422);
  });

  test("that is somebody else's is like changing nothing at all", async () => {
    const [john, eve] = [await signIn(), await signIn()];
    const { id } = await uploadPhoto(john);
    for (const path of ["/api/images", "/api/files"]) {
      const theirs = await change(eve, `${path}/${id}`, { visibility: "public" });
      const nobodys = await change(eve, `${path}/${newId()}`, { visibility: "public" });
      expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    }
    expect(await eventTypes()).toEqual(["image.uploaded"]);
  });
});

test("a file that is no photo can be renamed and made public too", async () => {
  const john = await signIn();
  const words = await call("/api/files", { as: john, body: form("file", "words", "words.txt") });
  const { id, visibility } = await words.json<FileView>();
  expect(visibility).toBe("private");
  const changed = await change(john, `/api/files/${id}`, { name: "verse.txt", visibility: "public" });
  expect(await changed.json()).toMatchObject({ name: "verse.txt", visibility: "public" });
  const answer = await call(`/uploads/${id}`);
  expect(await answer.text()).toBe("words");
  expect(answer.headers.get("Content-Disposition")).toMatch(/^attachment; filename="verse.txt"/);
  expect((await call(`/uploads/${id}/original`)).status).toBe(404);
  expect(await eventTypes()).toEqual(["file.uploaded", "file.updated"]);
});

describe("a key that may change files and not share them", () => {
  async function keyOf(john: Person, scopes: string[]) {
    const { id } = await complete(john);
    return { id, program: await signInByKey(john, scopes) };
  }

  test("renames and deletes, but makes nothing public or private, and is told which scope it lacks", async () => {
    const { id, program } = await keyOf(await signIn(), ["images:read", "images:write"]);
    for (const path of [`/api/images/${id}`, `/api/files/${id}`]) {
      for (const visibility of ["public", "private"]) {
        const refused = await change(program, path, { visibility });
        expect([refused.status, refused.headers.get("WWW-Authenticate")]).toEqual([
          403,
          expect.stringContaining('error="insufficient_scope", scope="images:share"'),
        ]);
      }
    }
    expect((await call(`/uploads/${id}`)).status).toBe(404);
    expect((await change(program, `/api/images/${id}`, { originalName: "lake.png" })).status).toBe(200);
    expect((await call(`/api/images/${id}`, { as: program, method: "DELETE" })).status).toBe(204);
  });

  test("makes no share and takes none back", async () => {
    const john = await signIn();
    const { id, program } = await keyOf(john, ["images:read", "images:write"]);
    const shares = `/api/files/${id}/shares`;
    expect((await call(shares, { as: program, json: {} })).status).toBe(403);
    const shared = await call(shares, { as: john, json: {} });
    const path = shared.headers.get("Location") ?? "";
    expect((await call(path, { as: program, method: "DELETE" })).status).toBe(403);
    expect((await call(path, { as: program })).status).toBe(200);
  });

  test("does all of it once it has the scope", async () => {
    const { id, program } = await keyOf(await signIn(), ["images:write", "images:share"]);
    expect((await change(program, `/api/images/${id}`, { visibility: "public" })).status).toBe(200);
    const shared = await call(`/api/files/${id}/shares`, { as: program, json: {} });
    expect(shared.status).toBe(201);
    const path = shared.headers.get("Location") ?? "";
    expect((await call(path, { as: program, method: "DELETE" })).status).toBe(204);
  });
});
