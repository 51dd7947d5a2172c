import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Chaos } from "../chaos/chaos.ts";
import { askCutUploads } from "../chaos/cut-uploads.ts";
import { openWork, untilNone } from "../chaos/open-work.ts";
import { judge } from "../chaos/verdict.ts";
import type { Client } from "./support/client.ts";
import { makePhoto } from "./support/photo.ts";
import { askUpload, beginUpload, sendBytes } from "./support/resumable.ts";

const KILLS = 5;
/** Six starts are most of it: half a minute where nothing else runs, and ten times as long where they share one core. */
const TEST_TIMEOUT_MS = 600_000;
/** The same times in every run. */
const SEED = 1;
const LIFE_MAX_MS = 1_000;
/** One that was begun: a part in the bucket, and the rest of what came beside it. */
const BEGUN_BYTES = 6_000_000;
/** The promise: settled within this time of the last start, without anybody asking. */
const QUIET_WITHIN_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "halftone-crash-"));
const chaos = new Chaos({ folder, seed: SEED, lifeMaxMs: LIFE_MAX_MS });
const { disk, journal, receiver } = chaos;

afterAll(async () => {
  await chaos.close();
  rmSync(folder, { recursive: true, force: true });
});

test("nothing that was acknowledged is lost, doubled or half done when every process is killed again and again", {
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const client = firstOf(await chaos.start());
  const finished = await client.uploadPhoto(await makePhoto({ width: 640, height: 480 }));
  expect(await client.settled(finished.id)).toMatchObject({ status: "complete" });
  const begun = await beginUpload(client, 2 * BEGUN_BYTES);
  expect((await sendBytes(client, begun, 0, new Uint8Array(BEGUN_BYTES).fill(1))).status).toBe(204);
  expect((await askForJpeg(client, finished.id)).status, "JPEG on demand, begun").toBe(503);

  let cutJobs = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill > 0) await chaos.start();
    await chaos.live();
    cutJobs += openWork(disk).jobs ?? 0;
  }
  expect(cutJobs, "jobs that a kill cut off").toBeGreaterThan(0);
  expect(receiver.hanging, "webhooks that a kill cut off").toBeGreaterThan(0);

  const people = await chaos.start();
  const { left } = await untilNone(() => openWork(disk), QUIET_WITHIN_MS, chaos.startedAt);
  expect(left).toEqual({ jobs: 0, events: 0, webhooks: 0, trash: 0 });

  const { acknowledged, lost, doubled, half } = judge(disk, journal.read(), receiver.took);
  expect(acknowledged).toBe(journal.acknowledged);
  expect(acknowledged).toBeGreaterThan(0);
  expect({ lost, doubled, half }).toEqual({ lost: [], doubled: [], half: [] });
  expect(await askCutUploads(people, journal.read())).toEqual([]);

  expect((await askUpload(client, begun)).offset).toBe(BEGUN_BYTES);
  const last = await sendBytes(client, begun, BEGUN_BYTES, new Uint8Array(BEGUN_BYTES).fill(2));
  const whole = await (await client.fetch(`/api/files/${last.headers.get("X-File-Id")}`)).bytes();
  const edges = [whole.length, whole.at(0), whole.at(BEGUN_BYTES - 1), whole.at(BEGUN_BYTES)];
  expect(edges).toEqual([2 * BEGUN_BYTES, 1, 1, 2]);

  const jpeg = await askForJpeg(client, finished.id);
  expect([jpeg.status, jpeg.headers.get("Content-Type")]).toEqual([200, "image/jpeg"]);
});

function firstOf(people: Client[]): Client {
  const [first] = people;
  if (first === undefined) throw new Error("Nobody has signed up.");
  return first;
}

function askForJpeg(client: Client, id: string): Promise<Response> {
  return client.fetch(`/api/images/${id}/small`, { headers: { Accept: "image/jpeg" } });
}
