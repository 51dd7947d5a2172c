import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { ImagesPersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { PART_BYTES } from "../../../workers/images/src/tus/part-writer.ts";
import { SessionStore } from "../../../workers/images/src/tus/session-record.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, eventTypes, png, storedKeys } from "./photos.ts";
import { begin, brokenOff, digest, expectGone, head, noise, openUploads, patch, sessionOf, TUS } from "./resumable.ts";

const personalData = (exports as unknown as { PersonalDataService: ImagesPersonalDataApi }).PersonalDataService;

describe("an upload that ends early leaves nothing", () => {
  test("when it is deleted", async () => {
    const john = await signIn();
    const path = await begin(john, 2 * PART_BYTES);
    await patch(john, path, 0, noise(PART_BYTES + 1_000));
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
    expect((await head(john, path)).status).toBe(404);
    await expectGone(john, path);
  });

  test("when its time is over", async () => {
    const john = await signIn();
    const path = await begin(john, 2 * PART_BYTES);
    await patch(john, path, 0, noise(PART_BYTES + 1_000));
    await runInDurableObject(sessionOf(john, path), (_, state) => {
      const store = new SessionStore(state.storage.kv);
      store.note({ ...store.read()!, expiresAt: Date.now() - 1 });
    });
    expect(await runDurableObjectAlarm(sessionOf(john, path))).toBe(true);
    await expectGone(john, path);
  });

  test("when its user is erased, and takes nothing more", async () => {
    const john = await signIn();
    const path = await begin(john, 2 * PART_BYTES);
    await patch(john, path, 0, noise(PART_BYTES + 1_000));
    while (!(await personalData.eraseUser(john.id)));
    await expectGone(john, path);
    const headers = { ...TUS, "Upload-Length": "5" };
    expect((await call("/api/uploads", { as: john, method: "POST", headers })).status).toBe(401);
  });
});

describe("an upload whose last byte was acknowledged", () => {
  /** Puts an upload back to where a kill between its last byte and its outcome leaves it. */
  async function forgetOutcome(john: Person, path: string): Promise<void> {
    await runInDurableObject(sessionOf(john, path), (_, state) => {
      const store = new SessionStore(state.storage.kv);
      store.note({ ...store.read()!, outcome: null });
    });
  }

  async function receivedOnly(john: Person, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const path = await begin(john, bytes.length);
    await env.DB.prepare("ALTER TABLE file RENAME TO file_away").run();
    expect((await patch(john, path, 0, bytes)).status).toBe(204);
    await env.DB.prepare("ALTER TABLE file_away RENAME TO file").run();
    return path;
  }

  test.each([
    ["small", 5_000],
    ["of several parts", 2 * PART_BYTES + 5],
  ])("becomes a file by the alarm when the database was away (%s)", async (_name, length) => {
    const john = await signIn();
    const bytes = noise(length);
    const path = await receivedOnly(john, bytes);
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(503);
    expect(await runDurableObjectAlarm(sessionOf(john, path))).toBe(true);
    const id = (await head(john, path)).headers.get("X-File-Id");
    const stored = await call(`/api/files/${id}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
    expect(await openUploads()).toBe(0);
  });

  test("leaves nothing when its user is erased before it is a file", async () => {
    const john = await signIn();
    const path = await receivedOnly(john, noise(PART_BYTES + 5));
    await env.DB.prepare("INSERT INTO erased_user (user_id) VALUES (?)").bind(john.id).run();
    await runDurableObjectAlarm(sessionOf(john, path));
    await expectGone(john, path);
  });

  test("becomes one file, however often it is finished", async () => {
    const john = await signIn();
    const path = await begin(john, png().length);
    const jobId = (await patch(john, path, 0, png())).headers.get("X-Job-Id");
    await forgetOutcome(john, path);
    await runDurableObjectAlarm(sessionOf(john, path));
    expect((await head(john, path)).headers.get("X-Job-Id")).toBe(jobId);
    expect(await (await call("/api/files", { as: john })).json()).toHaveLength(1);
    expect(await eventTypes()).toEqual(["image.uploaded"]);
  });

  test("is not made again when its owner has deleted it before the repetition", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    const id = (await patch(john, path, 0, "words")).headers.get("X-File-Id");
    await forgetOutcome(john, path);
    expect((await call(`/api/files/${id}`, { as: john, method: "DELETE" })).status).toBe(204);
    await runDurableObjectAlarm(sessionOf(john, path));
    expect(await (await call("/api/files", { as: john })).json()).toEqual([]);
    expect(await storedKeys()).toEqual([]);
  });

  test("and whose length was only said then becomes a file", async () => {
    const john = await signIn();
    const path = await begin(john, null);
    await patch(john, path, 0, "words");
    const said = await call(path, {
      as: john,
      method: "PATCH",
      headers: {
        ...TUS,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": "5",
        "Upload-Length": "5",
      },
    });
    expect(await (await call(`/api/files/${said.headers.get("X-File-Id")}`, { as: john })).text()).toBe("words");
  });

  test("keeps it though its connection broke before the answer", async () => {
    const john = await signIn();
    const bytes = noise(PART_BYTES + 70_000);
    const path = await begin(john, bytes.length);
    await patch(john, path, 0, brokenOff(bytes)).catch(() => undefined);
    expect((await head(john, path)).headers.get("Upload-Offset")).toBe(String(bytes.length));
    await runDurableObjectAlarm(sessionOf(john, path));
    const id = (await head(john, path)).headers.get("X-File-Id");
    const stored = await call(`/api/files/${id}`, { as: john });
    expect(await digest(await stored.arrayBuffer())).toBe(await digest(bytes));
  });

  test("stays a file when the upload is forgotten", async () => {
    const john = await signIn();
    const path = await begin(john, 5);
    const id = (await patch(john, path, 0, "words")).headers.get("X-File-Id");
    expect((await call(path, { as: john, method: "DELETE", headers: TUS })).status).toBe(204);
    expect((await head(john, path)).status).toBe(404);
    expect(await (await call(`/api/files/${id}`, { as: john })).text()).toBe("words");
  });
});
