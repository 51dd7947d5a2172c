import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { UploadView } from "../../../shared/contracts/images.ts";
import type { ImagesPersonalDataApi, JobRefusal } from "../../../shared/contracts/rpc.ts";
import type { Actor } from "../../../shared/http/identity.ts";
import type { Result } from "../../../shared/result.ts";
import { redriveJob } from "../../../workers/images/src/admin/redrive-job.ts";
import { FilesRepo } from "../../../workers/images/src/files/files.repo.ts";
import { photosZip } from "../../../workers/images/src/files/photos-zip.ts";
import { ImagesRepo } from "../../../workers/images/src/images/images.repo.ts";
import { retryImage } from "../../../workers/images/src/images/retry-image.ts";
import type { JobDeps } from "../../../workers/images/src/jobs/attempt.ts";
import { claimJob } from "../../../workers/images/src/jobs/claim-job.ts";
import { completeJob as complete } from "../../../workers/images/src/jobs/complete-job.ts";
import { failJob } from "../../../workers/images/src/jobs/fail-job.ts";
import { JobsRepo } from "../../../workers/images/src/jobs/jobs.repo.ts";
import { openOriginal, storeVariant } from "../../../workers/images/src/jobs/store-variant.ts";
import { PersonalFilesRepo } from "../../../workers/images/src/personal-data/personal-files.repo.ts";
import { SharesRepo } from "../../../workers/images/src/shares/shares.repo.ts";
import { countUse, openShare } from "../../../workers/images/src/shares/use-share.ts";
import { Objects } from "../../../workers/images/src/storage/objects.ts";
import { call, codeOf } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { callWith } from "./counted-env.ts";
import { jobDepsWhen, meanwhile } from "./meanwhile.ts";
import {
  BROKEN,
  claim,
  completeJob,
  env,
  eventTypes,
  jobsService,
  makeSizes,
  PLACEHOLDER,
  png,
  rowsLeft,
  storedKeys,
  timePasses,
  uploadPhoto,
} from "./photos.ts";

const personalData = (exports as unknown as { PersonalDataService: ImagesPersonalDataApi }).PersonalDataService;

const LOST = { ok: false, failure: { code: "attempt_lost" } };
const PASSING = { ...BROKEN, permanent: false };
const SMALL = { name: "small", format: "webp", width: 30, height: 20 } as const;
const COMMIT = { commit: <T>(write: () => Promise<T>) => write() };
const ORIGIN = { origin: { requestId: "a-request", traceparent: null } };

const ADMIN: Actor = {
  userId: "an-admin",
  expiresAt: Date.now() + 60_000,
  sessionId: "a-session",
  keyId: null,
  role: "admin",
  permissions: new Set(["system:manage"]),
  ip: null,
  userAgent: null,
  requestId: "a-request",
};

interface Photo {
  john: Person;
  id: string;
  jobId: string;
  attemptId: string;
}

/** A photo whose sizes are all stored by an attempt that has not said so. */
async function stored(): Promise<Photo> {
  const john = await signIn();
  const { id, jobId } = await uploadPhoto(john);
  return { john, id, jobId, attemptId: await makeSizes(jobId) };
}

async function remove(john: Person, path: string): Promise<void> {
  expect((await call(path, { as: john, method: "DELETE" })).status).toBe(204);
}

async function rename({ john, id }: Photo): Promise<void> {
  const json = { originalName: "renamed.png" };
  expect((await call(`/api/images/${id}`, { as: john, method: "PATCH", json })).status).toBe(200);
}

/** What may take a photo away from whoever works on it. */
const ENDINGS: [string, (photo: Photo) => Promise<unknown>][] = [
  ["photo is deleted", ({ john, id }) => remove(john, `/api/images/${id}`)],
  [
    "user is erased",
    async ({ john }) => {
      while (!(await personalData.eraseUser(john.id)));
    },
  ],
];

type Step = (deps: JobDeps, photo: Photo) => Promise<Result<unknown, JobRefusal>>;

/** The resizer's calls, and the looks at the jobs behind which something may come in each of them. */
const STEPS: [string, keyof JobsRepo, Step][] = [
  ["opening the original", "prolong", (deps, { jobId, attemptId }) => openOriginal(deps, jobId, attemptId)],
  ["opening the original", "find", (deps, { jobId, attemptId }) => openOriginal(deps, jobId, attemptId)],
  ["storing a size", "prolong", (deps, photo) => storeSmall(deps, photo)],
  ["storing a size", "find", (deps, photo) => storeSmall(deps, photo)],
  ["completing", "variantsOf", (deps, { jobId, attemptId }) => complete(deps, jobId, attemptId, PLACEHOLDER)],
  ["completing", "find", (deps, { jobId, attemptId }) => complete(deps, jobId, attemptId, PLACEHOLDER)],
  ["failing for good", "find", (deps, { jobId, attemptId }) => failJob(deps, jobId, attemptId, BROKEN)],
  ["failing for now", "find", (deps, { jobId, attemptId }) => failJob(deps, jobId, attemptId, PASSING)],
];

function storeSmall(deps: JobDeps, { jobId, attemptId }: Photo) {
  return storeVariant(deps, jobId, attemptId, SMALL, new Uint8Array(5));
}

describe.each(ENDINGS)("where the %s", (_what, end) => {
  test.each(STEPS)("while an attempt is at %s (behind its %s), it is told so and leaves nothing", async (...step) => {
    const [, behind, take] = step;
    const photo = await stored();
    expect(
      await take(
        jobDepsWhen(behind, () => end(photo)),
        photo,
      ),
    ).toMatchObject(LOST);
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("while a job is claimed, the claim is refused and leaves nothing", async () => {
    const john = await signIn();
    const { id, jobId } = await uploadPhoto(john);
    const deps = jobDepsWhen("claim", () => end({ john, id, jobId, attemptId: "" }));
    expect(await claimJob(deps, jobId)).toMatchObject({ ok: false, failure: { code: "not_claimable" } });
    expect(await rowsLeft()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("while it is tried again, there is nothing to be found", async () => {
    const photo = await stored();
    await jobsService.failJob(photo.jobId, photo.attemptId, BROKEN);
    const image = await new ImagesRepo(env.DB).find(photo.id);
    await end(photo);
    const deps = { images: new ImagesRepo(env.DB), formats: ["webp" as const], ...COMMIT, ...ORIGIN };
    expect(await retryImage(deps, image!)).toMatchObject({ ok: false, failure: { code: "not_found" } });
    await expect.poll(rowsLeft).toEqual([]);
  });

  test("while its job is redriven, there is nothing to be found", async () => {
    const photo = await stored();
    await jobsService.failJob(photo.jobId, photo.attemptId, BROKEN);
    const jobs = meanwhile(new JobsRepo(env.DB), "find", () => end(photo));
    const deps = { jobs, images: new ImagesRepo(env.DB), ...COMMIT, ...ORIGIN };
    expect(await redriveJob(deps, ADMIN, photo.jobId)).toMatchObject({ ok: false, failure: { code: "not_found" } });
    await expect.poll(rowsLeft).toEqual([]);
  });
});

describe("an attempt that ends", () => {
  test.each<[string, Step, string]>([
    ["complete", (deps, { jobId, attemptId }) => complete(deps, jobId, attemptId, PLACEHOLDER), "complete"],
    ["failed", (deps, { jobId, attemptId }) => failJob(deps, jobId, attemptId, BROKEN), "failed"],
  ])("%s while the photo is renamed ends so, and is not made again", async (_what, take, status) => {
    const photo = await stored();
    expect(
      await take(
        jobDepsWhen("find", () => rename(photo)),
        photo,
      ),
    ).toEqual({ ok: true, value: null });
    const { john, id } = photo;
    expect(await (await call(`/api/images/${id}`, { as: john })).json()).toMatchObject({
      status,
      originalName: "renamed.png",
    });
    expect(await eventTypes()).toEqual([
      "image.uploaded",
      "image.updated",
      `image.${status === "failed" ? status : "completed"}`,
    ]);
  });

  test.each(["variantsOf", "find"] as const)(
    "complete twice at once is complete once (behind its %s)",
    async (behind) => {
      const { jobId, attemptId } = await stored();
      const deps = jobDepsWhen(behind, async () => completeJob(jobId, attemptId));
      expect(await complete(deps, jobId, attemptId, PLACEHOLDER)).toEqual({ ok: true, value: null });
      expect(await eventTypes()).toEqual(["image.uploaded", "image.completed"]);
      expect(await storedKeys()).toHaveLength(5);
    },
  );

  test.each(["variantsOf", "find"] as const)(
    "complete after another took the job over is lost (behind its %s)",
    async (behind) => {
      const { jobId, attemptId } = await stored();
      const deps = jobDepsWhen(behind, async () => {
        await timePasses(jobId);
        await claim(jobId);
      });
      expect(await complete(deps, jobId, attemptId, PLACEHOLDER)).toMatchObject(LOST);
      expect(await eventTypes()).toEqual(["image.uploaded"]);
    },
  );
});

/** A bucket that is asked only after a deletion, as if that had come between the row and the bytes. */
function lateBucket(deleteFirst: () => Promise<void>): R2Bucket {
  let isDeleted = false;
  return new Proxy(env.BUCKET, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        if (!isDeleted && (name === "get" || name === "head")) {
          isDeleted = true;
          await deleteFirst();
        }
        return value.apply(target, args);
      };
    },
  });
}

/** How somebody opens a file: the path of each way. */
const WAYS: [string, (john: Person, file: UploadView) => Promise<string>][] = [
  ["by its owner", async (_john, { id }) => `/api/files/${id}`],
  ["by a link", async (_john, { url }) => url.replace("http://halftone.test", "")],
  [
    "by a share",
    async (john, { id }) => {
      const shared = await call(`/api/files/${id}/shares`, { as: john, json: { maxUses: 1 } });
      return new URL((await shared.json<{ url: string }>()).url).pathname;
    },
  ],
];
const IN_A_ZIP: (typeof WAYS)[number] = ["in a zip", async (_john, { id }) => `/api/files/zip?ids=${id}`];

/** Opens a file by a bucket that is asked only after a deletion. */
async function openWhen(
  deleted: () => Promise<void>,
  john: Person,
  { id }: UploadView,
  path: string,
): Promise<Response> {
  // The first bytes of an isolate go another way, to find out whether a cache stands there.
  await (await call(`/api/files/${id}`, { as: john })).body?.cancel();
  return callWith({ BUCKET: lateBucket(deleted) }, path, john.headers);
}

describe("a photo that is deleted while somebody opens it", () => {
  test.each(WAYS)("is not there (%s)", async (_how, pathOf) => {
    const john = await signIn();
    const photo = await uploadPhoto(john);
    const deleted = () => remove(john, `/api/files/${photo.id}`);
    const response = await openWhen(deleted, john, photo, await pathOf(john, photo));
    expect(await codeOf(response)).toEqual([404, "not_found"]);
    expect(await rowsLeft()).toEqual([]);
  });

  test("after its bytes were opened by a share, but before that was counted, is not there", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await call(`/api/files/${id}/shares`, { as: john, json: { maxUses: 1 } });
    const token = new URL((await shared.json<{ url: string }>()).url).pathname.split("/").at(-1) ?? "";
    const shares = new SharesRepo(env.DB);
    const opened = await openShare(shares, token);
    await remove(john, `/api/files/${id}`);
    const nobody = { userId: null, sessionId: null, keyId: null, ip: null, userAgent: null, requestId: null };
    expect(await countUse({ shares, ...COMMIT }, nobody, opened!)).toBe(false);
    expect(await eventTypes()).not.toContain("share.first_used");
    expect(await rowsLeft()).toEqual([]);
  });
});

describe("a photo whose bytes were another's, which is deleted while somebody opens them,", () => {
  /** Two photos with one object, and how the one that it was stored for is deleted. */
  async function twins() {
    const john = await signIn();
    const first = await uploadPhoto(john);
    const second = await uploadPhoto(john);
    return { john, first, second, deleteFirst: () => remove(john, `/api/files/${first.id}`) };
  }

  test("is resized from its own copy", async () => {
    const { second, deleteFirst } = await twins();
    const attemptId = await claim(second.jobId);
    const opened = await openOriginal(jobDepsWhen("find", deleteFirst), second.jobId, attemptId);
    if (!opened.ok) throw new Error(opened.failure.detail);
    expect(new Uint8Array(await new Response(opened.value).arrayBuffer())).toEqual(png());
  });

  test.each([...WAYS, IN_A_ZIP])("is sent from its own copy (%s)", async (_how, pathOf) => {
    const { john, first, second, deleteFirst } = await twins();
    const response = await openWhen(deleteFirst, john, second, await pathOf(john, second));
    expect(response.status).toBe(200);
    const body = new Uint8Array(await response.arrayBuffer());
    expect(body.length).toBeGreaterThanOrEqual(png().length);
    expect((await call(`/api/files/${first.id}`, { as: john })).status).toBe(404);
  });

  test("is in its user's export", async () => {
    const { john, second, deleteFirst } = await twins();
    const personalFiles = meanwhile(new PersonalFilesRepo(env.DB), "listAfter", deleteFirst);
    const deps = { personalFiles, files: new FilesRepo(env.DB), objects: new Objects(env.BUCKET) };
    const zip = new Uint8Array(await new Response(photosZip(deps, john.id)).arrayBuffer());
    expect(new TextDecoder("latin1").decode(zip)).toContain(second.id);
  });
});
