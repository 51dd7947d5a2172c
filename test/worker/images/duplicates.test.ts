import { exports } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { FileView, UploadView } from "../../../shared/contracts/images.ts";
import type { PersonalDataApi } from "../../../shared/contracts/rpc.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { claim, env, jobsService, png, storedKeys } from "./photos.ts";

const WORDS = "The same words, twice.";

async function upload(person: Person, content: BodyInit = WORDS): Promise<UploadView> {
  const response = await call("/api/files", { as: person, method: "PUT", body: content });
  expect(response.status).toBe(201);
  return response.json();
}

function remove(person: Person, { id }: Pick<FileView, "id">): Promise<Response> {
  return call(`/api/files/${id}`, { as: person, method: "DELETE" });
}

/** What a link of an answer opens; its status where it opens nothing. */
async function follow({ url }: Pick<FileView, "url">): Promise<string | number> {
  const response = await call(url.replace("http://halftone.test", ""));
  return response.ok ? response.text() : response.status;
}

async function read(person: Person, { id }: Pick<FileView, "id">): Promise<string | number> {
  const response = await call(`/api/files/${id}`, { as: person });
  return response.ok ? response.text() : response.status;
}

async function expectNoLeftovers(): Promise<void> {
  const { results } = await env.DB.prepare("SELECT key FROM begun_object UNION ALL SELECT key FROM trash").all();
  expect(results).toEqual([]);
  const named = await env.DB.prepare("SELECT DISTINCT key FROM file ORDER BY key").all<{ key: string }>();
  expect(await storedKeys()).toEqual(named.results.map(({ key }) => key));
}

describe("the same bytes of one user", () => {
  test("are stored once, and are two files", async () => {
    const john = await signIn();
    const [first, second] = [await upload(john), await upload(john)];
    expect(second.id).not.toBe(first.id);
    expect(second.sha256).toBe(first.sha256);
    expect(await storedKeys()).toHaveLength(1);
    for (const file of [first, second]) {
      expect(await follow(file)).toBe(WORDS);
      expect(await read(john, file)).toBe(WORDS);
    }
    await expectNoLeftovers();
  });

  test("are stored once when they come at the same moment", async () => {
    const john = await signIn();
    const uploads = Array.from({ length: 3 }, () => upload(john));
    for (const file of await Promise.all(uploads)) expect(await read(john, file)).toBe(WORDS);
    expect(await storedKeys()).toHaveLength(1);
    await expectNoLeftovers();
  });

  test("have nothing to do with another user's", async () => {
    const [john, eve] = [await signIn(), await signIn()];
    const [his, hers] = [await upload(john), await upload(eve)];
    expect(await storedKeys()).toHaveLength(2);
    await remove(john, his);
    expect(await read(eve, hers)).toBe(WORDS);
    await expectNoLeftovers();
  });

  test.each([
    ["first", 0],
    ["second", 1],
    ["third", 2],
  ])("stay with the others when the %s is deleted, but for its own links", async (_which, at) => {
    const john = await signIn();
    const files = [await upload(john), await upload(john), await upload(john)];
    const [gone] = files.splice(at, 1);
    expect((await remove(john, gone!)).status).toBe(204);
    expect(await follow(gone!)).toBe(404);
    for (const file of files) {
      expect(await follow(file), "a link of before").toBe(WORDS);
      expect(await read(john, file)).toBe(WORDS);
      const meta = await call(`/api/files/${file.id}/meta`, { as: john });
      expect(await follow(await meta.json<FileView>()), "a link of after").toBe(WORDS);
    }
    expect(await storedKeys()).toHaveLength(1);
    await expectNoLeftovers();

    for (const file of files) expect((await remove(john, file)).status).toBe(204);
    for (const file of files) expect(await follow(file)).toBe(404);
    expect(await storedKeys()).toEqual([]);
    await expectNoLeftovers();
  });

  test("can be resized after the photo that they came with first is gone", async () => {
    const john = await signIn();
    const [first, second] = [await upload(john, png()), await upload(john, png())];
    await remove(john, first);
    const jobId = second.jobId ?? "";
    const original = await jobsService.openOriginal(jobId, await claim(jobId));
    if (!original.ok) throw new Error(original.failure.detail);
    expect((await new Response(original.value).bytes()).length).toBe(png().length);
  });

  test("are never a row without an object when they come and go at the same moment", async () => {
    const john = await signIn();
    let last = await upload(john);
    for (let round = 0; round < 8; round++) {
      const [removed, next] = await Promise.all([remove(john, last), upload(john)]);
      expect(removed.status).toBe(204);
      expect(await read(john, next)).toBe(WORDS);
      expect(await storedKeys()).toHaveLength(1);
      last = next;
    }
    await expectNoLeftovers();
  });

  test("are stored anew where the object that was there is lost", async () => {
    const john = await signIn();
    await upload(john);
    await env.BUCKET.delete(await storedKeys());
    for (let again = 0; again < 2; again++) expect(await read(john, await upload(john))).toBe(WORDS);
    expect(await storedKeys()).toHaveLength(1);
  });

  test("are gone with the user", async () => {
    const john = await signIn();
    for (let i = 0; i < 3; i++) await upload(john);
    const { PersonalDataService } = exports as unknown as { PersonalDataService: PersonalDataApi };
    while (!(await PersonalDataService.eraseUser(john.id)));
    expect(await storedKeys()).toEqual([]);
    await expectNoLeftovers();
  });
});

describe("asking before sending", () => {
  function ask(person: Person, sha256: string, method = "HEAD"): Promise<Response> {
    return call(`/api/files?sha256=${sha256}`, { as: person, method });
  }

  test("names one's own file that has these bytes, whatever the case of the digits", async () => {
    const john = await signIn();
    const { id, sha256 } = await upload(john);
    for (const digits of [sha256 ?? "", (sha256 ?? "").toUpperCase()]) {
      const answer = await ask(john, digits);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("X-File-Id")).toBe(id);
      expect(answer.headers.get("Location")).toBe(`/api/files/${id}/meta`);
    }
  });

  test("is 404 for what is unknown, and for somebody else's", async () => {
    const { sha256 } = await upload(await signIn());
    const eve = await signIn();
    expect((await ask(eve, sha256 ?? "")).status).toBe(404);
    expect((await ask(eve, "0".repeat(64))).status).toBe(404);
    expect((await ask(eve, "sha256")).status).toBe(422);
  });

  test("by GET lists all of one's files that have these bytes, and no others", async () => {
    const john = await signIn();
    const [first, , third] = [await upload(john), await upload(john, "Other words."), await upload(john)];
    const found = await (await ask(john, first.sha256 ?? "", "GET")).json<FileView[]>();
    expect(found.map(({ id }) => id)).toEqual([third.id, first.id]);
    expect(await (await ask(await signIn(), first.sha256 ?? "", "GET")).json()).toEqual([]);
  });
});
