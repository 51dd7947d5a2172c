import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { FileView, UploadView } from "../../../shared/contracts/images.ts";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { IdempotencyKeysRepo } from "../../../shared/idempotency/keys.repo.ts";
import { newId } from "../../../shared/ids.ts";
import { call, codeOf } from "../call.ts";
import { keysAge } from "../idempotency-keys.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, eventTypes, form, png, storedKeys } from "./photos.ts";

const personalData = (exports as unknown as { PersonalDataService: PersonalDataApi }).PersonalDataService;
const KEY = "a-key-of-the-client";

interface Door {
  what: string;
  send(person: Person, bytes: Uint8Array<ArrayBuffer>, name?: string): Promise<Response>;
}

const headers = { "Idempotency-Key": KEY };
const inForm = (path: string, field: string): Door["send"] => {
  return (as, bytes, name) => call(path, { as, method: "POST", body: form(field, bytes, name), headers });
};
const raw = (path: string): Door["send"] => {
  return (as, body, name = "photo.png") =>
    call(path, { as, method: "PUT", body, headers: { ...headers, "X-File-Name": name } });
};
const doors: Door[] = [
  { what: "a photo as the raw body", send: raw("/api/images") },
  { what: "a photo in a form", send: inForm("/api/images/upload", "image") },
  { what: "a file as the raw body", send: raw("/api/files") },
  { what: "a file in a form", send: inForm("/api/files", "file") },
  { what: "a photo at the plain door", send: inForm("/upload", "image") },
];

async function filesOf(person: Person): Promise<FileView[]> {
  return (await call("/api/files", { as: person })).json();
}

/** One file with one object, and nothing that was begun or thrown away and is still there. */
async function expectOneFile(person: Person): Promise<void> {
  expect(await filesOf(person)).toHaveLength(1);
  expect(await storedKeys()).toHaveLength(1);
  expect(await eventTypes()).toHaveLength(1);
  const { results } = await env.DB.prepare("SELECT key FROM begun_object UNION ALL SELECT key FROM trash").all();
  expect(results).toEqual([]);
}

describe.each(doors)("the same upload under the same key: $what", ({ send }) => {
  test("is taken once and answered as the first time", async () => {
    const john = await signIn();
    const [first, second] = [await send(john, png()), await send(john, png())];
    expect([first.ok, second.status]).toEqual([true, first.status]);
    expect([first, second].map((answer) => answer.headers.get("Idempotent-Replayed"))).toEqual([null, "true"]);
    expect(second.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(await second.text()).toBe(await first.text());
    await expectOneFile(john);
  });

  test("is refused where its bytes or its name are others", async () => {
    const john = await signIn();
    await send(john, png());
    expect(await codeOf(await send(john, png(50, 50)))).toEqual([422, "key_reused"]);
    expect(await codeOf(await send(john, png(), "another.png"))).toEqual([422, "key_reused"]);
    await expectOneFile(john);
  });

  test("is taken once by many at the same moment", async () => {
    const john = await signIn();
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(john, png())));
    for (const { status } of answers) expect([201, 202, 409]).toContain(status);
    const ids = await Promise.all(answers.filter(({ ok }) => ok).map(async (answer) => answer.json<UploadView>()));
    const again = await (await send(john, png())).json<UploadView>();
    expect(new Set([...ids, again].map(({ id }) => id)).size).toBe(1);
    await expectOneFile(john);
  });
});

const [{ send }] = doors as [Door, ...Door[]];

test("an upload that was refused gives its key back", async () => {
  const john = await signIn();
  const words = new Uint8Array(new TextEncoder().encode("These words are no photo."));
  for (let i = 0; i < 2; i++) expect(await codeOf(await send(john, words))).toEqual([415, "unsupported_image"]);
  expect((await send(john, png())).status).toBe(202);
});

test("an upload that dies while it holds its key keeps others out for a minute, and its key is any bytes' then", async () => {
  const john = await signIn();
  const held = { userId: john.id, route: "upload images 202", key: KEY, fingerprint: null, claim: newId() };
  await new IdempotencyKeysRepo(env.DB).claim(held, Date.now());
  const early = await send(john, png());
  expect([await codeOf(early), early.headers.get("Retry-After")]).toEqual([[409, "key_in_use"], "1"]);
  expect(await filesOf(john)).toEqual([]);
  await keysAge(env.DB, 60_000);
  expect((await send(john, png())).status).toBe(202);
  await expectOneFile(john);
});

test("an upload that was only slow leaves nothing when another has taken its key over", async () => {
  const john = await signIn();
  const bytes = png(40, 30, 200_000);
  const { readable, writable } = new FixedLengthStream(bytes.length);
  const writer = writable.getWriter();
  const slow = call("/api/images", {
    ...{ as: john, method: "PUT", body: readable },
    headers: { ...headers, "X-File-Name": "photo.png", "Content-Length": String(bytes.length) },
  });
  await writer.write(bytes.subarray(0, 150_000));
  const isClaimed = () => env.DB.prepare("SELECT claim FROM idempotency_key").first();
  while ((await isClaimed()) === null) await scheduler.wait(10);
  await keysAge(env.DB, 60_000);
  expect((await send(john, png())).status).toBe(202);
  await writer.write(bytes.subarray(150_000));
  await writer.close();
  expect(await codeOf(await slow)).toEqual([503, "busy"]);
  await expectOneFile(john);
});

test("kept answers are sealed, because links stand in them, and go with their user", async () => {
  const john = await signIn();
  const { url } = await (await send(john, png())).json<UploadView>();
  const kept = async () => JSON.stringify((await env.DB.prepare("SELECT * FROM idempotency_key").all()).results);
  expect(await kept()).toContain(john.id);
  expect(await kept()).not.toContain(new URL(url).pathname);
  while (!(await personalData.eraseUser(john.id)));
  expect(await kept()).toBe("[]");
});
