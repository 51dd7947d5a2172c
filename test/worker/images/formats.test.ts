import { applyD1Migrations, reset } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { ImageDetails, JobView } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import type { TestEnv } from "../env.ts";
import { type Person, signIn } from "../sign-in.ts";
import {
  BROKEN,
  claim,
  complete,
  completeJob,
  env,
  eventTypes,
  jobsService,
  makeSizes,
  PLACEHOLDER,
  storedKeys,
  timePasses,
  uploadPhoto,
} from "./photos.ts";

function ask(person: Person, id: string, accept: string, headers: Record<string, string> = {}): Promise<Response> {
  return call(`/api/images/${id}/small`, { as: person, headers: { Accept: accept, ...headers } });
}

async function text(response: Response): Promise<string> {
  return new TextDecoder().decode(await response.arrayBuffer());
}

async function details(person: Person, id: string): Promise<ImageDetails> {
  return (await call(`/api/images/${id}`, { as: person })).json();
}

/** The ids of the jobs that were opened because somebody asked for JPEG. */
async function onDemandJobs(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT id FROM job WHERE kind = 'on_demand'").all<{ id: string }>();
  return results.map((row) => row.id);
}

/** A finished photo that somebody has asked for as JPEG. */
async function askedFor(person: Person): Promise<{ id: string; jobId: string }> {
  const { id } = await complete(person);
  expect((await ask(person, id, "image/jpeg")).status).toBe(503);
  const [jobId = ""] = await onDemandJobs();
  return { id, jobId };
}

describe("JPEG on demand", () => {
  test("is answered 503 with a time to come again while it is made, and then for ever", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const early = await ask(john, id, "image/jpeg");
    expect([early.status, await early.json()]).toEqual([503, expect.objectContaining({ code: "being_made" })]);
    expect(Number(early.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(early.headers.get("Vary")).toContain("Accept");

    const [jobId = ""] = await onDemandJobs();
    expect(await completeJob(jobId, await makeSizes(jobId))).toMatchObject({ ok: true });
    for (let again = 0; again < 2; again++) {
      const response = await ask(john, id, "image/jpeg");
      expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
      expect(response.headers.get("Content-Disposition")).toContain('filename="holiday-small.jpg"');
      expect(response.headers.get("Vary")).toContain("Accept");
      expect(await text(response)).toBe("small.jpeg");
    }
    expect(await onDemandJobs()).toHaveLength(1);
  });

  test("leaves WebP to those who take it", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    expect(await text(await ask(john, id, "*/*"))).toBe("small");
    await completeJob(jobId, await makeSizes(jobId));
    const response = await ask(john, id, "image/webp,*/*");
    expect([response.headers.get("Content-Type"), await text(response)]).toEqual(["image/webp", "small"]);
    expect(response.headers.get("Vary")).toContain("Accept");
  });

  test("has an ETag of its own", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    await completeJob(jobId, await makeSizes(jobId));
    const webp = (await ask(john, id, "image/webp")).headers.get("ETag") ?? "";
    const jpeg = (await ask(john, id, "image/jpeg")).headers.get("ETag") ?? "";
    expect((await ask(john, id, "image/jpeg", { "If-None-Match": webp })).status).toBe(200);
    const known = await ask(john, id, "image/jpeg", { "If-None-Match": jpeg });
    expect([known.status, known.headers.get("Vary")]).toEqual([304, "Accept"]);
  });

  test("takes one job, however many ask at once and for whatever size", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const sizes = ["thumbnail", "small", "medium", "large"];
    const asks = Array.from({ length: 50 }, (_, n) =>
      call(`/api/images/${id}/${sizes[n % 4]}`, { as: john, headers: { Accept: "image/jpeg" } }),
    );
    const statuses = (await Promise.all(asks)).map((response) => response.status);
    expect(new Set(statuses)).toEqual(new Set([503]));
    const [jobId = "", ...others] = await onDemandJobs();
    expect(others).toEqual([]);
    const job = await (await call(`/api/jobs/${jobId}`, { as: john })).json();
    expect(job).toMatchObject({ imageId: id, kind: "on_demand", formats: ["jpeg"], status: "pending" });
  });

  test("is claimed like any other job, and the photo stays complete meanwhile", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    expect(await jobsService.claimJob(jobId)).toMatchObject({ value: { kind: "on_demand", formats: ["jpeg"] } });
    expect(await details(john, id)).toMatchObject({ status: "complete" });
    expect((await ask(john, id, "image/jpeg")).status).toBe(503);
  });

  test("is no news: the log tells of a photo's completion once", async () => {
    const { jobId } = await askedFor(await signIn());
    await completeJob(jobId, await makeSizes(jobId));
    expect(await eventTypes()).toEqual(["image.uploaded", "image.completed"]);
  });

  test("goes to the next attempt when one stops without a word, and leaves only the winner's bytes", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    const silent = await makeSizes(jobId);
    await timePasses(jobId);
    expect(await completeJob(jobId, await makeSizes(jobId))).toMatchObject({ ok: true });
    expect(await completeJob(jobId, silent)).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await text(await ask(john, id, "image/jpeg"))).toBe("small.jpeg");
    await expect.poll(async () => (await storedKeys()).filter((key) => key.includes(silent))).toEqual([]);
    expect(await storedKeys()).toHaveLength(9);
  });

  test("waits and is tried again after a failure that may pass", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    await jobsService.failJob(jobId, await claim(jobId), { ...BROKEN, permanent: false });
    expect(await details(john, id)).toMatchObject({ status: "complete" });
    expect((await ask(john, id, "image/jpeg")).status).toBe(503);
    await timePasses(jobId);
    expect(await jobsService.claimJob(jobId)).toMatchObject({ value: { attempt: 2 } });
  });

  test("that cannot be made is answered 406 with the reason, and the photo stays complete", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    await jobsService.failJob(jobId, await makeSizes(jobId), BROKEN);
    const refused = await ask(john, id, "image/jpeg");
    const problem = await refused.json<{ code: string; detail: string }>();
    expect([refused.status, problem.code]).toEqual([406, "not_acceptable"]);
    expect(problem.detail).toContain(BROKEN.detail);
    expect(await text(await ask(john, id, "image/jpeg, */*;q=0.1"))).toBe("small");
    expect(await details(john, id)).toMatchObject({ status: "complete", errorMessage: null });
    expect(await text(await ask(john, id, "*/*"))).toBe("small");
    expect(await eventTypes()).toEqual(["image.uploaded", "image.completed"]);
    await expect.poll(storedKeys).toHaveLength(5);
  });

  test("fails after five claims that ended without a word", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await claim(jobId);
      await timePasses(jobId);
    }
    expect(await jobsService.claimJob(jobId)).toMatchObject({ failure: { code: "not_claimable" } });
    expect((await ask(john, id, "image/jpeg")).status).toBe(406);
    expect(await details(john, id)).toMatchObject({ status: "complete" });
  });

  test("that failed can be tried again by the owner, once at a time, and then succeed", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    await jobsService.failJob(jobId, await claim(jobId), BROKEN);
    const retries = await Promise.all([1, 2].map(() => call(`/api/images/${id}/retry`, { as: john, method: "POST" })));
    expect(retries.map((retry) => retry.status).sort()).toEqual([202, 409]);
    const accepted = retries.find((retry) => retry.status === 202);
    const job = await accepted!.json<JobView>();
    expect(job).toMatchObject({ kind: "on_demand", formats: ["jpeg"], status: "pending" });
    expect((await ask(john, id, "image/jpeg")).status).toBe(503);
    await completeJob(job.jobId, await makeSizes(job.jobId));
    expect((await ask(john, id, "image/jpeg")).status).toBe(200);
  });

  test("is not begun for a photo whose sizes are not made at all", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    expect((await ask(john, id, "image/jpeg")).status).toBe(409);
    expect(await onDemandJobs()).toEqual([]);
  });

  test("is not begun by strangers", async () => {
    const { id } = await complete(await signIn());
    expect((await ask(await signIn(), id, "image/jpeg")).status).toBe(404);
    expect(await onDemandJobs()).toEqual([]);
  });

  test("leaves nothing when the photo is deleted meanwhile", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    const attemptId = await makeSizes(jobId);
    const [removed] = await Promise.all([
      call(`/api/images/${id}`, { as: john, method: "DELETE" }),
      completeJob(jobId, attemptId),
    ]);
    expect(removed.status).toBe(204);
    const tables = ["file", "image", "job", "variant", "attempt_variant", "trash"];
    const left = await env.DB.batch(tables.map((table) => env.DB.prepare(`SELECT * FROM ${table}`)));
    expect(left.flatMap((answer) => answer.results)).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });
});

describe("details", () => {
  test("name the best format of each size in front, and all of them beside it, with links that open", async () => {
    const john = await signIn();
    const { id, jobId } = await askedFor(john);
    const before = await details(john, id);
    expect(Object.keys(before.sizes.small?.formats ?? {})).toEqual(["webp"]);
    await completeJob(jobId, await makeSizes(jobId));

    const { sizes } = await details(john, id);
    expect(sizes.small).toMatchObject({ type: "image/webp", width: 30, height: 20, url: before.sizes.small?.url });
    expect(sizes.small?.formats?.webp?.url).toBe(sizes.small?.url);
    expect(sizes.small?.formats?.jpeg).toMatchObject({ type: "image/jpeg", bytes: "small.jpeg".length });
    const link = new URL(sizes.small?.formats?.jpeg?.url ?? "");
    const opened = await call(`${link.pathname}${link.search}`, { headers: { Accept: "image/webp" } });
    expect([opened.headers.get("Content-Type"), await text(opened)]).toEqual(["image/jpeg", "small.jpeg"]);
    expect(sizes.original?.formats).toBeUndefined();
  });

  test("of a photo tell what stands in for it while it loads, once it is complete", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const none = { thumbHash: null, dominantColour: null };
    expect(await details(john, id)).toMatchObject(none);
    await completeJob(jobId, await makeSizes(jobId));
    expect(await details(john, id)).toMatchObject(PLACEHOLDER);
    const { images } = await (await call("/api/images", { as: john })).json<{ images: object[] }>();
    expect(images).toMatchObject([{ width: 40, height: 30, ...PLACEHOLDER }]);
    expect(await (await call(`/api/images/${id}/status`, { as: john })).json()).toMatchObject(PLACEHOLDER);
  });
});

describe("a job for several formats", () => {
  async function uploadForBoth(john: Person) {
    const photo = await uploadPhoto(john);
    await env.DB.prepare(`UPDATE job SET formats = '["webp","jpeg"]' WHERE id = ?`).bind(photo.jobId).run();
    return photo;
  }

  test("makes each of them at once", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadForBoth(john);
    await completeJob(jobId, await makeSizes(jobId));
    expect(await text(await ask(john, id, "image/jpeg"))).toBe("small.jpeg");
    expect(await text(await ask(john, id, "image/webp"))).toBe("small");
    expect(await onDemandJobs()).toEqual([]);
  });

  test("does not complete without every size in every format", async () => {
    const { jobId } = await uploadForBoth(await signIn());
    const attemptId = await makeSizes(jobId);
    await env.DB.prepare("DELETE FROM attempt_variant WHERE name = 'large' AND format = 'jpeg'").run();
    await expect(Promise.resolve(completeJob(jobId, attemptId))).rejects.toThrow("large as jpeg");
  });
});

test("photos from before there were formats are served as they were, and get JPEG when asked for it", async () => {
  const john = await signIn();
  const { DB, MIGRATIONS = [] } = env as unknown as TestEnv;
  await reset();
  await applyD1Migrations(DB, MIGRATIONS.slice(0, 1));
  const id = newId();
  const at = new Date().toISOString();
  const variants = ["thumbnail", "small", "medium", "large"].map((name) =>
    DB.prepare("INSERT INTO variant VALUES (?, ?, ?, 30, 20, 5, 'image/webp', 'etag')").bind(id, name, `old/${name}`),
  );
  await DB.batch([
    DB.prepare("INSERT INTO file VALUES (?, ?, 'old.png', 5, 'image/png', 'old/original', 'etag', 2, ?)").bind(
      id,
      john.id,
      at,
    ),
    DB.prepare("INSERT INTO image VALUES (?, ?, 'old.png', 'complete', 1, 40, 30, ?, ?, NULL, NULL)").bind(
      id,
      john.id,
      at,
      at,
    ),
    ...variants,
    DB.prepare("INSERT INTO job (id, image_id, generation, status, created_at) VALUES (?, ?, 1, 'complete', ?)").bind(
      newId(),
      id,
      at,
    ),
  ]);
  await applyD1Migrations(DB, MIGRATIONS);

  await env.BUCKET.put("old/small", "small");
  expect(await text(await ask(john, id, "*/*"))).toBe("small");
  expect((await ask(john, id, "image/jpeg")).status).toBe(503);
  const [jobId = ""] = await onDemandJobs();
  await completeJob(jobId, await makeSizes(jobId));
  expect(await text(await ask(john, id, "image/jpeg"))).toBe("small.jpeg");
  expect(await details(john, id)).toMatchObject({ status: "complete", ...PLACEHOLDER });
});
