import { expect, test } from "vitest";
import type { Sample } from "../../../shared/contracts/metrics.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { claim, complete, env, jobsService, uploadPhoto } from "./photos.ts";

async function countsOf(metric: string): Promise<Record<string, number>> {
  const samples = await (await call("/gauges")).json<Sample[]>();
  const counts = samples.filter(({ name }) => name === metric);
  return Object.fromEntries(counts.map(({ labels, value }) => [labels.status, value]));
}

/** Gives a job an id of the year 2023. */
async function makeOld(jobId: string): Promise<void> {
  await env.DB.prepare("UPDATE job SET id = ? WHERE id = ?")
    .bind(`018b8000${jobId.slice(8)}`, jobId)
    .run();
}

async function ageOfOldest(): Promise<number | undefined> {
  const samples = await (await call("/gauges")).json<Sample[]>();
  return samples.find(({ name }) => name === "halftone_jobs_oldest_seconds")?.value;
}

/** Jobs that need somebody's work or attention, and all of the last hour. */
const countsByState = async () => ({
  now: await countsOf("halftone_jobs"),
  lastHour: await countsOf("halftone_jobs_of_last_hour"),
});

test("resize jobs are counted by state, through everything that can happen to them", async () => {
  const john = await signIn();
  const none = { pending: 0, processing: 0, failed: 0 };
  expect(await countsByState()).toEqual({ now: none, lastHour: { ...none, complete: 0 } });
  await uploadPhoto(john);
  await complete(john);
  await claim((await uploadPhoto(john)).jobId);
  const broken = await uploadPhoto(john);
  const failure = { code: "undecodable_image", detail: "It cannot be read.", permanent: true };
  await jobsService.failJob(broken.jobId, await claim(broken.jobId), failure);
  const one = { pending: 1, processing: 1, failed: 1 };
  expect(await countsByState()).toEqual({ now: one, lastHour: { ...one, complete: 1 } });
  await call(`/api/images/${broken.id}`, { as: john, method: "DELETE" });
  expect((await countsByState()).now).toEqual({ pending: 1, processing: 1, failed: 0 });
});

test("jobs that are done are counted for an hour", async () => {
  const { jobId } = await complete(await signIn());
  expect((await countsByState()).lastHour.complete).toBe(1);
  await makeOld(jobId);
  expect((await countsByState()).lastHour.complete).toBe(0);
});

test("the oldest job that is not done has an age, and none where all are done", async () => {
  const john = await signIn();
  await complete(john);
  expect(await ageOfOldest()).toBe(0);
  const { jobId } = await uploadPhoto(john);
  await makeOld(jobId);
  expect(await ageOfOldest()).toBeGreaterThan(86_400);
});
