import { expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { type CheckBucketDeps, checkBucket } from "../../../workers/images/src/consistency/check-bucket.ts";
import { checkImages } from "../../../workers/images/src/consistency/check-images.ts";
import { ConsistencyRepo } from "../../../workers/images/src/consistency/consistency.repo.ts";
import { newRun, type Place } from "../../../workers/images/src/consistency/report.ts";
import { FilesRepo } from "../../../workers/images/src/files/files.repo.ts";
import { ImagesRepo } from "../../../workers/images/src/images/images.repo.ts";
import { Objects } from "../../../workers/images/src/storage/objects.ts";
import { TrashRepo } from "../../../workers/images/src/storage/trash.repo.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { countedDatabase } from "./counted-env.ts";
import { complete, env, png, storedKeys, uploadPhoto } from "./photos.ts";

/** What a Worker on the free plan may ask other services in one invocation. */
const CALLS_MAX = 50;
/** What a step asks besides: the relay to look, and to look now. */
const OTHER_CALLS = 2;

/** A bucket that counts what it is asked. */
function countedBucket() {
  const counted = { calls: 0 };
  const bucket = new Proxy(env.BUCKET, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        counted.calls += 1;
        return method.apply(target, args);
      };
    },
  });
  return { bucket, counted };
}

/** Runs the check to its end. @returns the calls of each step, and what was repaired */
async function countSteps() {
  const { bucket, counted } = countedBucket();
  const { database, trips } = countedDatabase();
  const deps: CheckBucketDeps & Parameters<typeof checkImages>[0] = {
    rows: new ConsistencyRepo(database),
    files: new FilesRepo(database),
    images: new ImagesRepo(database),
    objects: new Objects(bucket),
    trash: new TrashRepo(database),
    commit: (write) => write(),
    formats: ["webp"],
    storagePath: "",
  };
  const run = newRun(0);
  const steps: number[] = [];
  for (let place: Place | null = run.place; place !== null; ) {
    run.place = place;
    const before = trips.length + counted.calls;
    place = place.stage === "images" ? await checkImages(deps, run) : await checkBucket(deps, run);
    steps.push(trips.length + counted.calls - before + OTHER_CALLS);
  }
  return { steps, repaired: run.report.repaired };
}

test("a step of the check makes no more calls than an invocation may, whatever it finds", {
  timeout: 60_000,
}, async () => {
  const john = await signIn();
  for (let width = 40; width < 70; width++) await uploadPhoto(john, png(width));
  await env.DB.prepare("DELETE FROM job").run();
  for (let count = 0; count < 4; count++) await complete(await signIn());
  for (let count = 0; count < 20; count++) {
    await call("/api/files", { as: john, method: "PUT", body: `Text ${count}` });
  }
  await env.BUCKET.delete(await storedKeys());
  for (let count = 0; count < 600; count += 100) {
    await Promise.all(Array.from({ length: 100 }, () => env.BUCKET.put(`${john.id}/${newId()}/1/original`, "stray")));
  }
  const { steps, repaired } = await countSteps();
  expect(repaired).toMatchObject({ stuck_image: 30, lost_original: 54, stray_object: 600 });
  expect(Math.max(...steps)).toBeLessThanOrEqual(CALLS_MAX);
  expect(Math.max(...steps), "a test that comes near the limit").toBeGreaterThan(CALLS_MAX / 2);
});
