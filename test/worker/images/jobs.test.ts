import { describe, expect, test } from "vitest";
import type { ImageDetails, JobView, UploadView } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { OpenJobsRepo } from "../../../workers/images/src/jobs/open-jobs.repo.ts";
import { call } from "../call.ts";
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
  png,
  storedKeys,
  storeSize,
  timePasses,
  uploadPhoto,
} from "./photos.ts";

async function read<T>(person: Person, path: string): Promise<T> {
  const response = await call(path, { as: person });
  expect(response.status).toBe(200);
  return response.json();
}

const OUTAGE = { code: "out_of_memory", detail: "The resizer ran out of memory.", permanent: false };

describe("a resize job", () => {
  test("is claimed with what the resizer needs to know, and then is in work", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const claimed = await jobsService.claimJob(jobId);
    expect(claimed).toMatchObject({
      ok: true,
      value: { jobId, imageId: id, attempt: 1, bytes: png().length, kind: "eager", formats: ["webp"] },
    });
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({
      id,
      status: "processing",
      errorMessage: null,
    });
  });

  test("is claimed by one attempt only while its lease lasts", async () => {
    const { jobId } = await uploadPhoto(await signIn());
    const claims = await Promise.all([jobsService.claimJob(jobId), jobsService.claimJob(jobId)]);
    expect(claims.map((claimed) => claimed.ok).sort()).toEqual([false, true]);
  });

  test("hands out the original's bytes to the attempt that holds it, and to no other", async () => {
    const { jobId } = await uploadPhoto(await signIn());
    const attemptId = await claim(jobId);
    const opened = await jobsService.openOriginal(jobId, attemptId);
    if (!opened.ok) throw new Error(opened.failure.detail);
    expect(new Uint8Array(await new Response(opened.value).arrayBuffer())).toEqual(png());
    expect(await jobsService.openOriginal(jobId, newId())).toMatchObject({ failure: { code: "attempt_lost" } });
  });

  test("makes all its sizes visible at once, when it completes", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const attemptId = await makeSizes(jobId);
    const before = await read<ImageDetails>(john, `/api/images/${id}`);
    expect(Object.keys(before.sizes)).toEqual(["original"]);
    expect(await completeJob(jobId, attemptId)).toEqual({ ok: true, value: null });
    const after = await read<ImageDetails>(john, `/api/images/${id}`);
    expect(Object.keys(after.sizes).sort()).toEqual(["large", "medium", "original", "small", "thumbnail"]);
    expect(after.status).toBe("complete");
    expect(after.processedAt).toMatch(/Z$/);
    expect(await eventTypes()).toEqual(["image.uploaded", "image.completed"]);
  });

  test("goes under the id and the trace of the request that made it, to the resizer and to the events of its end", async () => {
    const john = await signIn();
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const headers = { "X-Request-Id": "my-upload-77", traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const response = await call("/api/images", { as: john, method: "PUT", body: png(), headers });
    const { jobId } = await response.json<Required<UploadView>>();
    const [due] = await new OpenJobsRepo(env.DB).due(Date.now(), 10);
    expect(due).toMatchObject({ id: jobId, requestId: "my-upload-77" });
    expect(due?.traceparent).toContain(traceId);
    await completeJob(jobId, await makeSizes(jobId));
    const events = await new D1OutboxStore(env.DB).next(10);
    expect(events.map(({ type, requestId }) => [type, requestId])).toEqual([
      ["image.uploaded", "my-upload-77"],
      ["image.completed", "my-upload-77"],
    ]);
  });

  test("completes once, however often it is told to", async () => {
    const { jobId } = await uploadPhoto(await signIn());
    const attemptId = await makeSizes(jobId);
    await completeJob(jobId, attemptId);
    expect(await completeJob(jobId, attemptId)).toEqual({ ok: true, value: null });
    expect(await jobsService.claimJob(jobId)).toMatchObject({ failure: { code: "not_claimable" } });
    expect(await eventTypes()).toEqual(["image.uploaded", "image.completed"]);
  });

  test("does not complete without every size", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const attemptId = await claim(jobId);
    await storeSize(jobId, attemptId, "small");
    await expect(Promise.resolve(completeJob(jobId, attemptId))).rejects.toThrow("thumbnail");
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({ status: "processing" });
  });

  test("goes to the next attempt when the lease has run out; a slow loser never touches the winner's bytes", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const slow = await claim(jobId);
    await storeSize(jobId, slow, "small", "the slow one's");
    await timePasses(jobId);
    const winner = await makeSizes(jobId);
    expect(await storeSize(jobId, slow, "medium", "too late")).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await completeJob(jobId, winner)).toMatchObject({ ok: true });
    expect(await storeSize(jobId, slow, "medium", "too late")).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await completeJob(jobId, slow)).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await jobsService.failJob(jobId, slow, BROKEN)).toMatchObject({ failure: { code: "attempt_lost" } });
    expect(await (await call(`/api/images/${id}/medium`, { as: john })).text()).toBe("medium");
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({ status: "complete", errorMessage: null });
  });

  test("leaves only the winner's bytes behind", async () => {
    const { jobId } = await uploadPhoto(await signIn());
    const slow = await claim(jobId);
    await storeSize(jobId, slow, "small");
    await timePasses(jobId);
    await completeJob(jobId, await makeSizes(jobId));
    await expect.poll(async () => (await storedKeys()).filter((key) => key.includes(slow))).toEqual([]);
    expect(await storedKeys()).toHaveLength(5);
  });

  test("is not found under a made-up id", async () => {
    for (const jobId of [newId(), "'; DROP TABLE job; --"]) {
      expect(await jobsService.claimJob(jobId)).toMatchObject({ failure: { code: "not_claimable" } });
      expect(await completeJob(jobId, newId())).toMatchObject({ failure: { code: "attempt_lost" } });
    }
  });
});

describe("a job that fails", () => {
  test("for good, ends at once with a reason its owner can read", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    await jobsService.failJob(jobId, await claim(jobId), BROKEN);
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({
      status: "failed",
      errorMessage: BROKEN.detail,
    });
    expect(await read<JobView>(john, `/api/jobs/${jobId}`)).toMatchObject({ status: "failed", attempts: 1 });
    expect(await eventTypes()).toEqual(["image.uploaded", "image.failed"]);
    expect(await jobsService.claimJob(jobId)).toMatchObject({ failure: { code: "not_claimable" } });
  });

  test("for now, waits its back-off and may then be claimed again", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    await jobsService.failJob(jobId, await claim(jobId), OUTAGE);
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({ status: "pending" });
    expect(await jobsService.claimJob(jobId)).toMatchObject({ failure: { code: "not_claimable" } });
    await timePasses(jobId);
    expect(await jobsService.claimJob(jobId)).toMatchObject({ value: { attempt: 2 } });
  });

  test("is failed with a reason after five claims that ended without a word", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await claim(jobId);
      await timePasses(jobId);
    }
    expect(await jobsService.claimJob(jobId)).toMatchObject({ failure: { code: "not_claimable" } });
    const status = await read<{ status: string; errorMessage: string }>(john, `/api/images/${id}/status`);
    expect(status.status).toBe("failed");
    expect(status.errorMessage).toContain("5 tries");
    const job = await env.DB.prepare("SELECT error_code FROM job").first();
    expect(job).toEqual({ error_code: "out_of_attempts" });
  });

  test("is failed by the fifth failure that was to pass, and tells the last reason", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    for (let attempt = 1; attempt <= 5; attempt++) {
      await jobsService.failJob(jobId, await claim(jobId), OUTAGE);
      await timePasses(jobId);
    }
    const status = await read<{ status: string; errorMessage: string }>(john, `/api/images/${id}/status`);
    expect(status.errorMessage).toContain("The resizer ran out of memory");
    expect(await eventTypes()).toEqual(["image.uploaded", "image.failed"]);
  });

  test("leaves no bytes of its attempts", async () => {
    const { jobId } = await uploadPhoto(await signIn());
    await jobsService.failJob(jobId, await makeSizes(jobId), BROKEN);
    await expect.poll(storedKeys).toHaveLength(1);
  });

  test("can be tried again by its owner, and then succeed", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const late = await claim(jobId);
    await jobsService.failJob(jobId, late, BROKEN);
    const retried = await call(`/api/images/${id}/retry`, { as: john, method: "POST" });
    expect(retried.status).toBe(202);
    const job = await retried.json<JobView>();
    expect(job).toMatchObject({ imageId: id, status: "pending", attempts: 0, errorMessage: null });
    expect(await completeJob(job.jobId, await makeSizes(job.jobId))).toMatchObject({ ok: true });
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({ status: "complete", errorMessage: null });
  });

  test("is the only kind that can be tried again", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const retried = await call(`/api/images/${id}/retry`, { as: john, method: "POST" });
    expect(retried.status).toBe(409);
    expect(await read(john, `/api/images/${id}/status`)).toMatchObject({ status: "complete" });
  });
});
