import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { CheckReport, Checks } from "../../../shared/contracts/consistency.ts";
import type { ImageDetails, UploadView } from "../../../shared/contracts/images.ts";
import type { Sample } from "../../../shared/contracts/metrics.ts";
import { newId } from "../../../shared/ids.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import {
  claim,
  complete,
  completeJob,
  env,
  jobsService,
  makeSizes,
  png,
  storedKeys,
  storeSize,
  uploadPhoto,
} from "./photos.ts";

/** Runs the check to its end. */
async function check(olderThan = "0s"): Promise<CheckReport> {
  const as = await signIn("admin");
  const begun = await call("/api/admin/fsck", { as, method: "POST", json: { olderThan } });
  expect(begun.status).toBe(202);
  const { running } = await begun.json<Checks>();
  for (;;) {
    const { last } = await (await call("/api/admin/fsck", { as })).json<Checks>();
    if (last !== null && last.id === running?.id) return last;
    await scheduler.wait(20);
  }
}

async function expectClean(): Promise<void> {
  expect(await check()).toMatchObject({ repaired: {}, left: 0, findings: [] });
}

async function uploadFile(person: Person, body: BodyInit = "Some words."): Promise<UploadView> {
  const response = await call("/api/files", { as: person, method: "PUT", body });
  expect(response.status).toBe(201);
  return response.json();
}

async function keysNamed(sql: string): Promise<string[]> {
  const { results } = await env.DB.prepare(sql).all<{ key: string }>();
  return results.map(({ key }) => key);
}

async function keyOf({ id }: { id: string }): Promise<string> {
  const [key] = await keysNamed(`SELECT key FROM file WHERE id = '${id}'`);
  if (key === undefined) throw new Error("The file has no row.");
  return key;
}

async function openJobs(): Promise<string[]> {
  const { results } = await env.DB.prepare("SELECT id FROM job WHERE status IN ('pending', 'processing')").all<{
    id: string;
  }>();
  return results.map(({ id }) => id);
}

/** What no row names, as a kill between bytes and row would leave it. */
function strayKey(person: Person): string {
  return `${person.id}/${newId()}/1/original`;
}

async function gauges(): Promise<Record<string, number>> {
  const samples = await (await call("/gauges")).json<Sample[]>();
  return Object.fromEntries(samples.map(({ name, value }) => [name, value]));
}

describe("the consistency check", () => {
  test("finds nothing where all is well, and changes nothing", async () => {
    const john = await signIn();
    await complete(john);
    await uploadPhoto(john, png(50, 50));
    await uploadFile(john);
    await uploadFile(john); // The same bytes: two rows name one object.
    const before = await storedKeys();
    expect(await check()).toMatchObject({ checked: { images: 2, objects: 7 }, repaired: {}, left: 0, findings: [] });
    expect(await storedKeys()).toEqual(before);
    expect(await openJobs()).toHaveLength(1);
  });

  test("deletes an object without a row", async () => {
    const john = await signIn();
    const kept = await keyOf(await uploadFile(john));
    const stray = strayKey(john);
    await env.BUCKET.put(stray, "nobody's");
    expect(await check()).toMatchObject({
      repaired: { stray_object: 1 },
      findings: [{ kind: "stray_object", subject: stray }],
    });
    expect(await storedKeys()).toEqual([kept]);
    expect(await keysNamed("SELECT key FROM trash")).toEqual([]);
    await expectClean();
  });

  test("leaves an object without a row that is young, and says so to admins and in the metrics", async () => {
    const stray = strayKey(await signIn());
    await env.BUCKET.put(stray, "nobody's");
    expect(await check("1h")).toMatchObject({ repaired: {}, left: 1 });
    expect(await storedKeys()).toEqual([stray]);
    expect(await (await call("/health")).json()).toMatchObject({ figures: { orphans: 1 } });
    expect(await gauges()).toMatchObject({ halftone_orphans: 1, halftone_fsck_repairs: 0 });
    await check();
    expect(await (await call("/health")).json()).toMatchObject({ figures: { orphans: 0 } });
    const after = await gauges();
    expect(after).toMatchObject({ halftone_orphans: 0, halftone_fsck_repairs: 1 });
    expect(after.halftone_fsck_age_seconds).toBeLessThan(60);
  });

  test("leaves what is not of its making: other things in the bucket, another deployment's files", async () => {
    const john = await signIn();
    await uploadFile(john);
    const others = ["backup.tar", `staging/${strayKey(john)}`, `${john.id}/notes/1/original`, `${strayKey(john)}.bak`];
    for (const key of others) await env.BUCKET.put(key, "somebody's");
    const before = await storedKeys();
    await expectClean();
    expect(await storedKeys()).toEqual(before);
  });

  test("leaves what is on its way: begun uploads, resumable ones, and the sizes of an attempt", async () => {
    const john = await signIn();
    const [begun, open] = [strayKey(john), newId()];
    await env.DB.prepare("INSERT INTO begun_object (key, begun_at) VALUES (?, ?)").bind(begun, Date.now()).run();
    await env.DB.prepare("INSERT INTO open_upload (id, user_id, expires_at) VALUES (?, ?, ?)")
      .bind(open, john.id, Date.now() + 60_000)
      .run();
    const resumable = `${john.id}/${open}/1/original`;
    const { id, jobId } = await uploadPhoto(john);
    const attemptId = await claim(jobId);
    await storeSize(jobId, attemptId, "small");
    const unnoted = `${john.id}/${id}/1/large-${attemptId}.webp`;
    for (const key of [begun, resumable, unnoted]) await env.BUCKET.put(key, "on its way");
    const before = await storedKeys();
    await expectClean();
    expect(await storedKeys()).toEqual(before);
    expect(before).toHaveLength(5);
  });

  test("fails a photo whose original is gone, tells its owner, and says it once", async () => {
    const john = await signIn();
    const photo = await uploadPhoto(john);
    const key = await keyOf(photo);
    await env.BUCKET.delete(key);
    expect(await check()).toMatchObject({
      repaired: { lost_original: 1 },
      findings: [{ kind: "lost_original", subject: key }],
    });
    const details = await (await call(`/api/images/${photo.id}`, { as: john })).json<ImageDetails>();
    expect(details).toMatchObject({ status: "failed", errorMessage: expect.stringContaining("lost") });
    expect(await openJobs()).toEqual([]);
    const events = await new D1OutboxStore(env.DB).next(10);
    expect(events.at(-1)).toMatchObject({
      type: "image.failed",
      resource: photo.id,
      metadata: { code: "original_lost" },
    });
    expect((await call(`/api/images/${photo.id}/retry`, { as: john, method: "POST" })).status).toBe(409);
    expect((await call(`/api/images/${photo.id}/original`, { as: john })).status).toBe(410);
    const admin = await signIn("admin");
    const redriven = await call(`/api/admin/jobs/${photo.jobId}/redrive`, { as: admin, method: "POST" });
    expect(redriven.status).toBe(409);
    const failed = await (await call("/api/admin/jobs", { as: admin })).json();
    expect(failed).toMatchObject([{ errorCode: "original_lost", canBeRedriven: false }]);
    await expectClean();
    expect((await call(`/api/images/${photo.id}`, { as: john, method: "DELETE" })).status).toBe(204);
    await expectClean();
  });

  test("answers 410 for a file whose bytes are gone, for each of the files that named them", async () => {
    const john = await signIn();
    const files = [await uploadFile(john), await uploadFile(john)];
    await env.BUCKET.delete(await keyOf(files[0] as UploadView));
    expect(await check()).toMatchObject({ repaired: { lost_original: 2 } });
    for (const { id } of files) {
      const answer = await call(`/api/files/${id}`, { as: john });
      expect([answer.status, await answer.json()]).toMatchObject([410, { code: "original_lost" }]);
    }
    const ids = files.map(({ id }) => id).join(",");
    expect((await call(`/api/files/zip?ids=${ids}`, { as: john })).status).toBe(410);
    const told = (await new D1OutboxStore(env.DB).next(10)).filter(({ type }) => type === "file.lost");
    expect(told.map(({ resource }) => resource).sort()).toEqual(files.map(({ id }) => id).sort());
    expect(told[0]?.metadata).toEqual({ filename: "unnamed", size: 11, mimeType: "text/plain" });
    const again = await uploadFile(john);
    expect((await call(`/api/files/${again.id}`, { as: john })).status).toBe(200);
    await expectClean();
  });

  test("has a photo's sizes made again when the object of one is gone", async () => {
    const john = await signIn();
    const photo = await complete(john);
    const [gone] = await keysNamed("SELECT key FROM variant WHERE name = 'medium'");
    await env.BUCKET.delete(gone as string);
    expect(await check()).toMatchObject({
      repaired: { lost_size: 1 },
      findings: [{ kind: "lost_size", subject: gone }],
    });
    const [jobId] = await openJobs();
    expect(await completeJob(jobId as string, await makeSizes(jobId as string))).toMatchObject({ ok: true });
    expect(await (await call(`/api/images/${photo.id}/medium`, { as: john })).text()).toBe("medium");
    await expect.poll(storedKeys).toHaveLength(5);
    await expectClean();
  });

  test("opens a job for a photo that waits without one", async () => {
    const john = await signIn();
    const photo = await uploadPhoto(john);
    await env.DB.prepare("DELETE FROM job").run();
    expect(await check()).toMatchObject({
      repaired: { stuck_image: 1 },
      findings: [{ kind: "stuck_image", subject: photo.id }],
    });
    const [jobId] = await openJobs();
    await completeJob(jobId as string, await makeSizes(jobId as string));
    const status = await (await call(`/api/images/${photo.id}/status`, { as: john })).json();
    expect(status).toMatchObject({ status: "complete" });
    await expectClean();
  });

  test("has the sizes of a complete photo made again where its rows are gone; their objects are strays", async () => {
    const photo = await complete(await signIn());
    await env.DB.prepare("DELETE FROM variant WHERE name = 'large'").run();
    expect(await check()).toMatchObject({ repaired: { incomplete_image: 1, stray_object: 1 } });
    const [jobId] = await openJobs();
    await completeJob(jobId as string, await makeSizes(jobId as string));
    expect(await keysNamed(`SELECT key FROM variant WHERE image_id = '${photo.id}'`)).toHaveLength(4);
    await expect.poll(storedKeys).toHaveLength(5);
    await expectClean();
  });

  test("deletes what an attempt has left that is over", async () => {
    const { jobId } = await uploadPhoto(await signIn());
    await storeSize(jobId, await claim(jobId), "small");
    await env.DB.prepare("UPDATE job SET status = 'pending', attempt_id = NULL").run();
    expect(await check()).toMatchObject({ repaired: { dead_attempt: 1 } });
    await expect.poll(storedKeys).toHaveLength(1);
    await expectClean();
  });

  test("needs no look at rows that the database itself keeps together", async () => {
    const { id, jobId } = await complete(await signIn());
    expect(jobId).toBeTruthy();
    for (const sql of ["DELETE FROM image", "DELETE FROM file", "DELETE FROM job"]) {
      const gone = env.DB.prepare(sql).run();
      if (sql === "DELETE FROM job") await gone;
      else await expect(gone).rejects.toThrow("FOREIGN KEY");
    }
    const orphan = env.DB.prepare(
      "INSERT INTO job (id, image_id, generation, status, created_at) VALUES (?, ?, 1, 'pending', '')",
    );
    await expect(orphan.bind(newId(), newId()).run()).rejects.toThrow("FOREIGN KEY");
    expect(id).toBeTruthy();
  });

  test("goes through more than a page of objects, and names the first hundred of what it repaired", {
    timeout: 60_000,
  }, async () => {
    const john = await signIn();
    const kept = await keyOf(await uploadFile(john));
    for (let count = 0; count < 600; count += 100) {
      await Promise.all(Array.from({ length: 100 }, () => env.BUCKET.put(strayKey(john), "nobody's")));
    }
    const report = await check();
    expect(report).toMatchObject({ checked: { objects: 601 }, repaired: { stray_object: 600 } });
    expect(report.findings).toHaveLength(100);
    expect(await storedKeys()).toEqual([kept]);
    await expectClean();
  });

  test("repairs as many rows as there are, a few in each step", { timeout: 60_000 }, async () => {
    const john = await signIn();
    for (let count = 0; count < 20; count++) await uploadFile(john, `Text ${count}`);
    await env.BUCKET.delete(await storedKeys());
    expect(await check()).toMatchObject({ repaired: { lost_original: 20 }, checked: { objects: 0 } });
    await expectClean();
  });

  test("runs by itself once a day, from the first thing that is stored", async () => {
    const john = await signIn();
    await uploadFile(john);
    await env.RELAY.getByName("relay").nudge();
    const stub = env.CONSISTENCY.getByName("check");
    expect(await stub.reports()).toEqual({ running: null, last: null });
    while ((await stub.reports()).last === null) await runDurableObjectAlarm(stub);
    expect((await stub.reports()).last).toMatchObject({ checked: { objects: 1 }, repaired: {} });
    // And there will be another.
    expect(await runDurableObjectAlarm(stub)).toBe(true);
  });

  test("is one run at a time, and is begun by admins alone", async () => {
    const as = await signIn("admin");
    const begin = async () => (await call("/api/admin/fsck", { as, method: "POST" })).json<Checks>();
    const [first, second] = await Promise.all([begin(), begin()]);
    expect(first.running?.id).toBe(second.running?.id);
    for (const method of ["GET", "POST"]) {
      expect((await call("/api/admin/fsck", { as: await signIn(), method })).status).toBe(403);
    }
    for (const olderThan of ["31d", "soon", "-1h"]) {
      const answer = await call("/api/admin/fsck", { as, method: "POST", json: { olderThan } });
      expect([olderThan, answer.status]).toEqual([olderThan, 422]);
    }
    await expect.poll(async () => (await env.CONSISTENCY.getByName("check").reports()).running).toBe(null);
  });

  test("leaves a file that was deleted or a photo that was finished meanwhile as it is", async () => {
    const john = await signIn();
    const { jobId, id } = await uploadPhoto(john);
    const attemptId = await makeSizes(jobId);
    await expectClean();
    await completeJob(jobId, attemptId);
    await expectClean();
    expect(await jobsService.claimJob(jobId)).toMatchObject({ ok: false });
    await call(`/api/images/${id}`, { as: john, method: "DELETE" });
    await expectClean();
    expect(await storedKeys()).toEqual([]);
  });
});
