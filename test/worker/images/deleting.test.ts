import { describe, expect, test } from "vitest";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import {
  claim,
  complete,
  completeJob,
  env,
  eventTypes,
  form,
  makeSizes,
  rowsLeft,
  storedKeys,
  storeSize,
  uploadPhoto,
} from "./photos.ts";

function remove(person: Person, path: string): Promise<Response> {
  return call(path, { as: person, method: "DELETE" });
}

describe("deleting", () => {
  test.each(["/api/images", "/api/files"])("by %s removes a photo, its sizes and its links", async (path) => {
    const john = await signIn();
    const { id, url } = await complete(john);
    expect((await remove(john, `${path}/${id}`)).status).toBe(204);
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
    expect((await call(url.replace("http://halftone.test", ""))).status).toBe(404);
    expect((await remove(john, `${path}/${id}`)).status).toBe(404);
    expect(await eventTypes()).toEqual(["image.uploaded", "image.completed", "image.deleted"]);
  });

  test("removes a plain file", async () => {
    const john = await signIn();
    const uploaded = await call("/api/files", { as: john, body: form("file", "words", "words.txt") });
    const { id } = await uploaded.json<{ id: string }>();
    expect((await remove(john, `/api/images/${id}`)).status).toBe(404);
    expect((await remove(john, `/api/files/${id}`)).status).toBe(204);
    expect(await storedKeys()).toEqual([]);
    expect(await eventTypes()).toEqual(["file.uploaded", "file.deleted"]);
  });

  test("while resizing leaves no objects: the late worker finds its guard closed", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const attemptId = await claim(jobId);
    await storeSize(jobId, attemptId, "large");
    expect((await remove(john, `/api/images/${id}`)).status).toBe(204);
    expect(await storeSize(jobId, attemptId, "small")).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await completeJob(jobId, attemptId)).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("at the very moment of a store or a completion leaves no objects either", async () => {
    const john = await signIn();
    const first = await uploadPhoto(john);
    const attemptId = await claim(first.jobId);
    const second = await uploadPhoto(john);
    const finished = await makeSizes(second.jobId);
    await Promise.all([
      remove(john, `/api/images/${first.id}`),
      storeSize(first.jobId, attemptId, "small"),
      remove(john, `/api/images/${second.id}`),
      completeJob(second.jobId, finished),
    ]);
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("counts as one deletion when two do it at once", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const answers = await Promise.all([remove(john, `/api/images/${id}`), remove(john, `/api/files/${id}`)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([204, 404]);
    expect(await eventTypes()).toEqual(["image.uploaded", "image.deleted"]);
  });

  test("is made up for by the relay where a crash cut it off after the commit", async () => {
    await env.BUCKET.put("left/behind", "bytes");
    await env.DB.prepare("INSERT INTO trash (key) VALUES ('left/behind')").run();
    await env.RELAY.getByName("relay").nudge();
    expect(await storedKeys()).toEqual([]);
    expect(await rowsLeft()).toEqual([]);
  });
});
