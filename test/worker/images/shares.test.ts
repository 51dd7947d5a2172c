import { exports, env as workerEnv } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ImagesPersonalDataApi } from "../../../shared/contracts/rpc.ts";
import type { CreatedShare, ShareView } from "../../../shared/contracts/shares.ts";
import { newId } from "../../../shared/ids.ts";
import { D1OutboxStore } from "../../../shared/outbox/d1-store.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { complete, env, eventTypes, form, png, uploadPhoto } from "./photos.ts";

const DAY_MS = 86_400_000;
const UNKNOWN = `/s/${"0".repeat(40)}`;

async function share(person: Person, fileId: string, request?: object): Promise<CreatedShare> {
  const answer = await call(`/api/files/${fileId}/shares`, { as: person, method: "POST", json: request });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("Location")).toMatch(/^\/api\/files\/.+\/shares\/.+/);
  return answer.json();
}

function open({ url }: CreatedShare, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return call(new URL(url).pathname, { headers, method });
}

/** How a share's address is answered, with everything that a caller can tell answers apart by. */
async function answerTo(path: string, as?: Person) {
  const answer = await call(path, as && { as });
  const body = await answer.json<object>();
  return { status: answer.status, headers: [...answer.headers.keys()], body: { ...body, requestId: "" } };
}

async function usesOf(person: Person, { id, fileId }: ShareView): Promise<number> {
  const answer = await call(`/api/files/${fileId}/shares/${id}`, { as: person });
  return (await answer.json<ShareView>()).uses;
}

async function read(answer: Response): Promise<string> {
  return new TextDecoder().decode(await answer.arrayBuffer());
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a share", () => {
  test("opens the original to anybody, and is asked for again each time", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id);
    expect(shared).toMatchObject({
      fileId: id,
      size: "original",
      expiresAt: null,
      maxUses: null,
      uses: 0,
      lastUsedAt: null,
    });
    expect(shared.url).toMatch(/^http:\/\/halftone\.test\/s\/[0-9a-f]{40}$/);
    const answer = await open(shared);
    expect(answer.status).toBe(200);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(png());
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "private, no-cache",
      "content-disposition": `inline; filename="holiday.png"; filename*=UTF-8''holiday.png`,
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
    const copy = { "If-None-Match": answer.headers.get("ETag") ?? "" };
    expect((await open(shared, copy)).status).toBe(304);
    expect((await open(shared, { Range: "bytes=0-3" })).headers.get("Content-Range")).toBe(`bytes 0-3/${png().length}`);
  });

  test("of one size opens that size, in the format that the client takes, once it is made", async () => {
    const john = await signIn();
    const { id } = await complete(john);
    const shared = await share(john, id, { size: "small" });
    const answer = await open(shared);
    expect([await read(answer), answer.headers.get("Vary")]).toEqual(["small", "Accept"]);
    const early = await share(john, (await uploadPhoto(john)).id, { size: "small" });
    expect((await open(early)).status).toBe(409);
  });

  test("of any other file opens it to be saved; sizes it has none", async () => {
    const john = await signIn();
    const words = await call("/api/files", { as: john, body: form("file", "words", "words.txt") });
    const { id } = await words.json<{ id: string }>();
    const answer = await open(await share(john, id));
    expect([await read(answer), answer.headers.get("Content-Disposition")?.split(";")[0]]).toEqual([
      "words",
      "attachment",
    ]);
    const refused = await call(`/api/files/${id}/shares`, { as: john, json: { size: "small" } });
    expect(refused.status).toBe(422);
  });

  test("is kept without its token, which is told once", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id);
    const token = shared.url.split("/").at(-1) ?? "";
    const { results } = await env.DB.prepare("SELECT * FROM share").all();
    const events = await new D1OutboxStore(env.DB).next(10);
    const listed = await (await call(`/api/files/${id}/shares`, { as: john })).json<ShareView[]>();
    expect(JSON.stringify([results, events, listed])).not.toContain(token);
    const { url: _, ...view } = shared;
    expect(listed).toEqual([view]);
    expect(view).not.toHaveProperty("tokenHash");
  });

  test("that was taken back, has run out, is used up or never was is answered alike", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const revoked = await share(john, id);
    const usedUp = await share(john, id, { maxUses: 1 });
    const outrun = await share(john, id, { expiresIn: "1d" });
    expect((await open(revoked)).status).toBe(200);
    expect((await open(usedUp)).status).toBe(200);
    expect((await open(outrun)).status).toBe(200);
    const path = `/api/files/${id}/shares/${revoked.id}`;
    expect((await call(path, { as: john, method: "DELETE" })).status).toBe(204);
    expect((await call(path, { as: john, method: "DELETE" })).status).toBe(404);
    vi.useFakeTimers({ now: Date.now() + DAY_MS, toFake: ["Date"] });
    const unknown = await answerTo(UNKNOWN);
    expect(unknown.status).toBe(404);
    for (const { url } of [revoked, usedUp, outrun]) expect(await answerTo(new URL(url).pathname)).toEqual(unknown);
    for (const text of ["x", "..%2f1", "%00", "A".repeat(40), "0".repeat(41), "0".repeat(39), "%F0%9F%8D%94"]) {
      expect(await answerTo(`/s/${text}`)).toEqual(unknown);
    }
  });

  test("taken back confirms no copy either", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id);
    const copy = { "If-None-Match": (await open(shared)).headers.get("ETag") ?? "" };
    await call(`/api/files/${id}/shares/${shared.id}`, { as: john, method: "DELETE" });
    expect((await open(shared, copy)).status).toBe(404);
    expect((await open(shared, { Range: "bytes=0-1" })).status).toBe(404);
    expect((await open(shared, {}, "HEAD")).status).toBe(404);
  });

  test("ends with its file, and with its owner", async () => {
    const john = await signIn();
    const [first, second] = [await uploadPhoto(john), await uploadPhoto(john)];
    const shares = [await share(john, first.id), await share(john, second.id)];
    await call(`/api/files/${first.id}`, { as: john, method: "DELETE" });
    expect((await Promise.all(shares.map((shared) => open(shared)))).map(({ status }) => status)).toEqual([404, 200]);
    const personalData = (exports as unknown as { PersonalDataService: ImagesPersonalDataApi }).PersonalDataService;
    const { lines } = await personalData.exportPage(john.id, null);
    expect(JSON.parse(lines)).toMatchObject({ visibility: "private", shares: [{ id: shares[1]?.id, uses: 1 }] });
    await personalData.eraseUser(john.id);
    expect((await open(shares[1]!)).status).toBe(404);
    expect((await env.DB.prepare("SELECT * FROM share").all()).results).toEqual([]);
  });
});

describe("the uses of a share", () => {
  test("are counted exactly, however many come at once: whatever sends bytes, neither a look nor a good copy", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id);
    const answers = await Promise.all(Array.from({ length: 20 }, () => open(shared)));
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    await (await open(shared, { Range: "bytes=0-1" })).arrayBuffer();
    await open(shared, {}, "HEAD");
    await open(shared, { "If-None-Match": answers[0]?.headers.get("ETag") ?? "" });
    await open(shared, { Range: "bytes=900000-" });
    await expect.poll(() => usesOf(john, shared)).toBe(21);
    const answer = await call(`/api/files/${id}/shares/${shared.id}`, { as: john });
    const { lastUsedAt } = await answer.json<ShareView>();
    expect(Math.abs(Date.parse(lastUsedAt ?? "") - Date.now())).toBeLessThan(60_000);
  });

  test("are never more than were allowed, however many come at once", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id, { maxUses: 3 });
    const answers = await Promise.all(Array.from({ length: 10 }, () => open(shared, { Range: "bytes=1-" })));
    const statuses = answers.map(({ status }) => status);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(statuses.filter((status) => status === 206).length).toBe(3);
    expect(statuses.filter((status) => status === 404).length).toBe(7);
    expect(await usesOf(john, shared)).toBe(3);
  });

  test("stand in the log by their first, made by nobody known and from somewhere", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id, { size: "original", expiresIn: "7d" });
    await open(shared, { "CF-Connecting-IP": "192.0.2.7", "User-Agent": "somebody's browser" });
    await expect.poll(() => usesOf(john, shared)).toBe(1);
    await (await open(shared)).arrayBuffer();
    await expect.poll(() => usesOf(john, shared)).toBe(2);
    await call(`/api/files/${id}/shares/${shared.id}`, { as: john, method: "DELETE" });
    const events = (await new D1OutboxStore(env.DB).next(10)).filter(({ type }) => type.startsWith("share."));
    expect(events).toMatchObject([
      { type: "share.created", sequence: 1, account: john.id, resource: shared.id, actor: { userId: john.id } },
      {
        type: "share.first_used",
        sequence: 2,
        account: john.id,
        resource: shared.id,
        actor: { userId: null, ip: "192.0.2.7", userAgent: "somebody's browser" },
      },
      { type: "share.revoked", sequence: 3, resource: shared.id, metadata: { file: id, uses: 2 } },
    ]);
  });

  test("are one first use, however many come first", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id);
    await Promise.all(Array.from({ length: 8 }, async () => (await open(shared)).arrayBuffer()));
    await expect.poll(() => usesOf(john, shared)).toBe(8);
    expect((await eventTypes()).filter((type) => type === "share.first_used")).toEqual(["share.first_used"]);
  });
});

describe("making shares", () => {
  test.each([
    { size: "gigantic" },
    { expiresIn: "soon" },
    { expiresIn: "1s" },
    { expiresIn: "9999d" },
    { maxUses: 0 },
    { maxUses: 1.5 },
    { password: "x" },
  ])("refuses %j", async (request) => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    expect((await call(`/api/files/${id}/shares`, { as: john, json: request })).status).toBe(422);
  });

  test("has an end: a file has a hundred at most, and a page of the list as many as was asked for", async () => {
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const row = env.DB.prepare(
      `INSERT INTO share (id, file_id, size, token_hash, created_at)
       SELECT ?1 || value, ?1, 'original', ?1 || value, '2026-01-01T00:00:00.000Z' FROM json_each(?2)`,
    );
    await row.bind(id, JSON.stringify(Array.from({ length: 99 }, (_, i) => i + 100))).run();
    const last = await share(john, id);
    const refused = await call(`/api/files/${id}/shares`, { as: john, method: "POST" });
    expect([refused.status, (await refused.json<{ code: string }>()).code]).toEqual([409, "limit_reached"]);
    const page = await call(`/api/files/${id}/shares?limit=60`, { as: john });
    expect((await page.json<ShareView[]>()).length).toBe(60);
    const rest = await call(`/api/files/${id}/shares?limit=60&cursor=${page.headers.get("X-Next-Cursor")}`, {
      as: john,
    });
    expect((await rest.json<ShareView[]>()).length).toBe(40);
    await call(`/api/files/${id}/shares/${last.id}`, { as: john, method: "DELETE" });
    await share(john, id);
  });

  test("of somebody else's files is like those of none, and so are their shares", async () => {
    const [john, eve] = [await signIn(), await signIn()];
    const [{ id }, hers] = [await uploadPhoto(john), await uploadPhoto(eve)];
    const shared = await share(john, id);
    for (const [method, path] of [
      ["POST", `/api/files/${id}/shares`],
      ["GET", `/api/files/${id}/shares`],
      ["GET", `/api/files/${id}/shares/${shared.id}`],
      ["DELETE", `/api/files/${id}/shares/${shared.id}`],
      ["DELETE", `/api/files/${hers.id}/shares/${shared.id}`],
      ["GET", `/api/files/${hers.id}/shares/${newId()}`],
      ["GET", `/api/files/${hers.id}/shares/x`],
    ] as const) {
      expect([method, path, (await call(path, { as: eve, method })).status]).toEqual([method, path, 404]);
    }
    expect((await open(shared)).status).toBe(200);
  });
});

describe("a share's address", () => {
  test("stands in no line of the log", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line));
    const john = await signIn();
    const { id } = await uploadPhoto(john);
    const shared = await share(john, id);
    const token = shared.url.split("/").at(-1) ?? "";
    Object.assign(workerEnv, { LOG_LEVEL: "info" });
    await (await open(shared)).arrayBuffer();
    Object.assign(workerEnv, { LOG_LEVEL: "error" });
    vi.restoreAllMocks();
    expect(lines.join("\n")).toContain('"/s/…"');
    expect(lines.join("\n")).not.toContain(token);
  });
});
