import { describe, expect, test } from "vitest";
import type { JobView } from "../../../shared/contracts/images.ts";
import type { AdminJobView, QueueView, RedriveResult } from "../../../shared/contracts/queue.ts";
import { newId } from "../../../shared/ids.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { BROKEN, claim, complete, completeJob, env, jobsService, makeSizes, png, uploadPhoto } from "./photos.ts";

const OUTAGE = { code: "out_of_memory", detail: "The resizer ran out of memory.", permanent: true };

/** A photo whose job has failed. */
async function failed(person: Person, failure = BROKEN, width = 40) {
  const photo = await uploadPhoto(person, png(width, 30));
  await jobsService.failJob(photo.jobId, await claim(photo.jobId), failure);
  return photo;
}

async function read<T>(as: Person, path: string): Promise<T> {
  const response = await call(path, { as });
  expect([path, response.status]).toEqual([path, 200]);
  return response.json();
}

function redrive(as: Person, id: string): Promise<Response> {
  return call(`/api/admin/jobs/${id}/redrive`, { as, method: "POST" });
}

async function redriveAll(as: Person, json = {}): Promise<RedriveResult> {
  const response = await call("/api/admin/jobs/redrive", { as, method: "POST", json });
  expect(response.status).toBe(202);
  return response.json();
}

describe("the queue", () => {
  test("says what waits, for how long, and what has failed", async () => {
    const [admin, john] = [await signIn("admin"), await signIn()];
    expect(await read(admin, "/api/admin/queue")).toEqual({
      jobs: { pending: 0, processing: 0, failed: 0, oldestSeconds: null },
      events: { waiting: 0, oldestSeconds: null, setAside: 0 },
      uploads: { begun: 0, resumable: 0 },
      trash: 0,
    });
    await uploadPhoto(john);
    await claim((await uploadPhoto(john, png(50))).jobId);
    await failed(john, BROKEN, 60);
    const key = `${john.id}/${newId()}/1/original`;
    await env.DB.prepare("INSERT INTO begun_object (key, begun_at) VALUES (?, ?)").bind(key, Date.now()).run();
    await env.DB.prepare("UPDATE outbox SET set_aside = 'unknown type' WHERE id = (SELECT max(id) FROM outbox)").run();
    const queue = await read<QueueView>(admin, "/api/admin/queue");
    expect(queue).toMatchObject({
      jobs: { pending: 1, processing: 1, failed: 1 },
      events: { waiting: 3, setAside: 1 },
      uploads: { begun: 1, resumable: 0 },
      trash: 0,
    });
    for (const { oldestSeconds } of [queue.jobs, queue.events]) {
      expect(oldestSeconds).toBeGreaterThanOrEqual(0);
      expect(oldestSeconds).toBeLessThan(60);
    }
  });

  test("lists failed jobs with their reasons, newest first, page by page, by code", async () => {
    const [admin, john] = [await signIn("admin"), await signIn()];
    const photos = [await failed(john, BROKEN, 50), await failed(john, OUTAGE, 60), await failed(await signIn())];
    await complete(john);
    const first = await call("/api/admin/jobs?limit=2", { as: admin });
    const page = await first.json<AdminJobView[]>();
    expect(page.map(({ jobId }) => jobId)).toEqual([photos[2]?.jobId, photos[1]?.jobId]);
    expect(page[1]).toMatchObject({
      userId: john.id,
      errorCode: OUTAGE.code,
      errorMessage: OUTAGE.detail,
      status: "failed",
      canBeRedriven: true,
    });
    const cursor = first.headers.get("X-Next-Cursor");
    const rest = await read<AdminJobView[]>(admin, `/api/admin/jobs?limit=2&cursor=${cursor}`);
    expect(rest.map(({ jobId }) => jobId)).toEqual([photos[0]?.jobId]);
    const byCode = await read<AdminJobView[]>(admin, `/api/admin/jobs?errorCode=${OUTAGE.code}`);
    expect(byCode.map(({ jobId }) => jobId)).toEqual([photos[1]?.jobId]);
    const done = await read<AdminJobView[]>(admin, "/api/admin/jobs?status=complete");
    expect(done).toMatchObject([{ status: "complete", canBeRedriven: false, errorCode: null }]);
    for (const status of ["pending", "processing"]) {
      expect(await read(admin, `/api/admin/jobs?status=${status}`)).toEqual([]);
    }
  });
});

describe("a redriven job", () => {
  test("is a new one in place of the failed one, and makes the photo complete; the log knows who asked for it", async () => {
    const [admin, john] = [await signIn("admin"), await signIn()];
    const { id, jobId } = await failed(john);
    const answer = await redrive(admin, jobId);
    const next = await answer.json<JobView>();
    expect([answer.status, answer.headers.get("Location")]).toEqual([202, `/api/jobs/${next.jobId}`]);
    expect(next).toMatchObject({ imageId: id, status: "pending", attempts: 0 });
    const event = (await new D1OutboxStore(env.DB).next(10)).at(-1);
    expect(event).toMatchObject({
      type: "job.redriven",
      account: "system",
      actor: { userId: admin.id },
      resource: next.jobId,
      metadata: { failedJob: jobId, image: id, owner: john.id },
    });
    await completeJob(next.jobId, await makeSizes(next.jobId));
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({ status: "complete", errorMessage: null });
    expect(await read(admin, "/api/admin/jobs")).toMatchObject([{ jobId, canBeRedriven: false }]);
  });

  test("is made once, however many ask", async () => {
    const admin = await signIn("admin");
    const { jobId } = await failed(await signIn());
    const answers = await Promise.all([redrive(admin, jobId), redrive(admin, jobId), redrive(admin, jobId)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  });

  test("may be one that was to make JPEG; the photo stays complete", async () => {
    const [admin, john] = [await signIn("admin"), await signIn()];
    const { id } = await complete(john);
    await call(`/api/images/${id}/small`, { as: john, headers: { Accept: "image/jpeg" } });
    const [open] = await read<AdminJobView[]>(admin, "/api/admin/jobs?status=pending");
    const jobId = open?.jobId ?? "";
    await jobsService.failJob(jobId, await claim(jobId), OUTAGE);
    const next = await (await redrive(admin, jobId)).json<JobView>();
    expect(next).toMatchObject({ kind: "on_demand", formats: ["jpeg"], status: "pending" });
    expect((await redrive(admin, jobId)).status).toBe(409);
    await completeJob(next.jobId, await makeSizes(next.jobId));
    const jpeg = await call(`/api/images/${id}/small`, { as: john, headers: { Accept: "image/jpeg" } });
    expect([jpeg.status, jpeg.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
    expect(await redriveAll(admin)).toEqual({ redriven: 0, left: 0 });
  });

  test("may be all of them, or all that failed for one reason, the oldest first and some in each call", async () => {
    const [admin, john] = [await signIn("admin"), await signIn()];
    await failed(john, BROKEN, 30);
    for (let width = 40; width < 57; width++) await failed(john, OUTAGE, width);
    expect(await redriveAll(admin, { errorCode: OUTAGE.code })).toEqual({ redriven: 15, left: 2 });
    expect(await redriveAll(admin, { errorCode: OUTAGE.code })).toEqual({ redriven: 2, left: 0 });
    expect(await redriveAll(admin, { errorCode: "another" })).toEqual({ redriven: 0, left: 0 });
    expect(await redriveAll(admin)).toEqual({ redriven: 1, left: 0 });
    expect(await redriveAll(admin)).toEqual({ redriven: 0, left: 0 });
    const queue = await read<QueueView>(admin, "/api/admin/queue");
    expect(queue.jobs).toMatchObject({ pending: 18, failed: 18 });
  });

  test("cannot be one that is done, in work, overtaken by its owner, or nobody's", async () => {
    const [admin, john] = [await signIn("admin"), await signIn()];
    const done = await complete(john);
    const waiting = await uploadPhoto(john, png(50));
    const overtaken = await failed(john, BROKEN, 60);
    expect((await call(`/api/images/${overtaken.id}/retry`, { as: john, method: "POST" })).status).toBe(202);
    for (const { jobId } of [done, waiting, overtaken]) expect((await redrive(admin, jobId)).status).toBe(409);
    for (const id of [newId(), "all"]) expect((await redrive(admin, id)).status).toBe(404);
  });
});

test("the queue, the jobs and redriving are for admins alone", async () => {
  const john = await signIn();
  const { jobId } = await failed(john);
  const routes = [
    ["GET", "/api/admin/queue"],
    ["GET", "/api/admin/jobs"],
    ["POST", "/api/admin/jobs/redrive"],
    ["POST", `/api/admin/jobs/${jobId}/redrive`],
    ["POST", `/api/admin/jobs/${newId()}/redrive`],
  ] as const;
  for (const [method, path] of routes) {
    expect([path, (await call(path, { method })).status]).toEqual([path, 401]);
    expect([path, (await call(path, { method, as: john })).status]).toEqual([path, 403]);
  }
  expect(await read(john, `/api/jobs/${jobId}`)).toMatchObject({ status: "failed" });
});
