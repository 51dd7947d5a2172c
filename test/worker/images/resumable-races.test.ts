import { runDurableObjectAlarm } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ImagesPersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { Objects, PartedObject } from "../../../workers/images/src/storage/objects.ts";
import { PART_BYTES } from "../../../workers/images/src/tus/part-writer.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env } from "./photos.ts";
import { begin, expectGone, noise, patch, sessionOf, TUS } from "./resumable.ts";

const personalData = (exports as unknown as { PersonalDataService: ImagesPersonalDataApi }).PersonalDataService;

async function erase({ id }: Person): Promise<void> {
  while (!(await personalData.eraseUser(id)));
}

/** A place where an upload waits until the test lets it go on. */
function gate() {
  let isReached = false;
  let isOpen = false;
  return {
    async pass(): Promise<void> {
      isReached = true;
      // Looks again and again: what another request settles nobody may wait for.
      while (!isOpen) await scheduler.wait(10);
    },
    async reached(): Promise<void> {
      await expect.poll(() => isReached).toBe(true);
    },
    open(): void {
      isOpen = true;
    },
  };
}

/** Holds an upload whose last byte came, before its bytes are brought together. */
function holdFinish() {
  const { head } = Objects.prototype;
  const held = gate();
  vi.spyOn(Objects.prototype, "head").mockImplementationOnce(async function (this: Objects, key) {
    await held.pass();
    return head.call(this, key);
  });
  return held;
}

/** Holds an upload before its next part goes to the bucket. */
function holdPart() {
  const { add } = PartedObject.prototype;
  const held = gate();
  vi.spyOn(PartedObject.prototype, "add").mockImplementationOnce(async function (this: PartedObject, bytes) {
    await held.pass();
    return add.call(this, bytes);
  });
  return held;
}

/** Of the log only errors are written here. */
const written = vi.fn();
beforeEach(() => {
  written.mockClear();
  vi.spyOn(console, "log").mockImplementation(written);
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(written).not.toHaveBeenCalled();
});

test.each([
  ["small", 5_000],
  ["of several parts", PART_BYTES + 5],
])("an upload whose user is erased while it becomes a file is gone and leaves nothing (%s)", async (_size, length) => {
  const john = await signIn();
  const path = await begin(john, length);
  const finish = holdFinish();
  const patched = patch(john, path, 0, noise(length));
  await finish.reached();
  await erase(john);
  finish.open();
  expect((await patched).status).toBe(404);
  await expectGone(john, path);
});

test.each([
  ["small", 5_000],
  ["of several parts", PART_BYTES + 5],
])("nor does the alarm leave anything that was to make the file (%s)", async (_size, length) => {
  const john = await signIn();
  const path = await begin(john, length);
  vi.spyOn(Objects.prototype, "head").mockRejectedValueOnce(new Error("Network connection lost."));
  expect((await patch(john, path, 0, noise(length))).status).toBe(204);
  written.mockClear();
  const finish = holdFinish();
  const alarm = runDurableObjectAlarm(sessionOf(john, path));
  await finish.reached();
  await erase(john);
  finish.open();
  await alarm;
  await expectGone(john, path);
});

test("an upload that is given up while a part of it is stored is not there any more, and leaves nothing", async () => {
  const john = await signIn();
  const path = await begin(john, 3 * PART_BYTES);
  const part = holdPart();
  const patched = patch(john, path, 0, noise(2 * PART_BYTES));
  await part.reached();
  expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
  part.open();
  expect((await patched).status).toBe(404);
  await expectGone(john, path);
});

test("an upload that was begun while its user was erased takes nothing and is refused", async () => {
  const john = await signIn();
  const path = await begin(john, PART_BYTES + 5);
  // What an erasure leaves that comes between the upload's row and its object.
  await env.DB.batch([
    env.DB.prepare("INSERT INTO erased_user (user_id) VALUES (?)").bind(john.id),
    env.DB.prepare("DELETE FROM open_upload"),
  ]);
  expect((await patch(john, path, 0, noise(PART_BYTES + 5))).status).toBe(401);
  await expectGone(john, path);
});
