import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { DATA_SERVICES, type ExportView } from "../../../shared/contracts/personal-data.ts";
import { newId } from "../../../shared/ids.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import { env, eventsOf, idsOf, logOf, searchRows } from "./support.ts";

const WITHIN_10_S = { timeout: 10_000 };
const DAY_MS = 86_400_000;
const FILLED = [env.AUTH_PERSONAL_DATA, env.IMAGES_PERSONAL_DATA, env.ORDERS_PERSONAL_DATA];

function homeOf(person: Person) {
  return env.EXPORTS.getByName(person.id);
}

async function start(person: Person): Promise<ExportView> {
  const response = await call("/api/users/me/export", { as: person, method: "POST" });
  expect(response.status).toBe(202);
  expect(response.headers.get("Location")).toMatch(/^\/api\/exports\/[0-9a-f-]{36}$/);
  return response.json();
}

async function read(person: Person, id: string): Promise<ExportView> {
  return (await call(`/api/exports/${id}`, { as: person })).json();
}

async function finish(person: Person, id: string): Promise<ExportView> {
  await vi.waitFor(async () => expect((await read(person, id)).status).toBe("done"), WITHIN_10_S);
  return read(person, id);
}

async function partOf(person: Person, { parts }: ExportView, service: string): Promise<{ number: number }[]> {
  const url = parts.find((part) => part.service === service)?.url ?? "";
  const text = await (await call(url, { as: person })).text();
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => ({ record: "thing", number }));

describe("an export", () => {
  test("collects a part of every service, page by page", async () => {
    const john = await signIn();
    for (const service of FILLED) await service.fill(john.id, 7);
    const events = eventsOf(john.id, 60);
    await logOf(john.id).append(events);
    await vi.waitFor(async () => expect(await searchRows(john.id)).toHaveLength(60), WITHIN_10_S);
    const view = await finish(john, (await start(john)).id);
    expect(view.parts.map(({ service, status }) => [service, status])).toEqual(
      DATA_SERVICES.map((service) => [service, "done"]),
    );
    for (const service of ["auth", "images", "orders"]) {
      expect(await partOf(john, view, service)).toEqual(numbers(7));
    }
    expect(await partOf(john, view, "webhooks")).toEqual([]);
    const log = (await partOf(john, view, "audit")) as unknown as { id: string }[];
    expect(idsOf(log).slice(0, 60)).toEqual(idsOf(events));
  });

  test("is found again as the latest by whoever asked for it, and there is none before", async () => {
    const [john, jane] = [await signIn(), await signIn()];
    const latest = (as: Person) => call("/api/users/me/export", { as });
    expect((await latest(john)).status).toBe(404);
    await finish(john, (await start(john)).id);
    const { id } = await start(john);
    const view = await finish(john, id);
    const found = await latest(john);
    expect([found.status, found.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(await found.json()).toEqual(view);
    expect((await latest(jane)).status).toBe(404);
  });

  test("goes on where it was when it is cut off: no gap, and no line twice", async () => {
    const john = await signIn();
    await env.AUTH_PERSONAL_DATA.fill(john.id, 5);
    await env.ORDERS_PERSONAL_DATA.fill(john.id, 5);
    await env.IMAGES_PERSONAL_DATA.setAway(john.id, true);
    const { id } = await start(john);
    await vi.waitFor(async () => expect((await read(john, id)).parts[0]?.status).toBe("done"), WITHIN_10_S);
    await evictDurableObject(homeOf(john));
    expect((await read(john, id)).status).toBe("running");

    await env.IMAGES_PERSONAL_DATA.setAway(john.id, false);
    await env.IMAGES_PERSONAL_DATA.fill(john.id, 5);
    await runDurableObjectAlarm(homeOf(john));
    const view = await finish(john, id);
    for (const service of ["auth", "images", "orders"]) {
      expect(await partOf(john, view, service)).toEqual(numbers(5));
    }
  });

  test("is one at a time: asked for again while it runs, it is the same", async () => {
    const john = await signIn();
    await env.IMAGES_PERSONAL_DATA.setAway(john.id, true);
    const [first, ...others] = await Promise.all([start(john), start(john), start(john)]);
    expect(new Set(others.map(({ id }) => id))).toEqual(new Set([first?.id]));
    await env.IMAGES_PERSONAL_DATA.setAway(john.id, false);
    await runDurableObjectAlarm(homeOf(john));
    const done = await finish(john, first!.id);
    const second = await start(john);
    expect(second.id).not.toBe(done.id);
    expect((await call(`/api/exports/${done.id}`, { as: john })).status).toBe(404);
  });

  test("stands in the log before anything is read", async () => {
    const john = await signIn();
    await env.AUTH_PERSONAL_DATA.setAway(john.id, true);
    const { id } = await start(john);
    await vi.waitFor(async () => {
      expect(await searchRows(john.id)).toMatchObject([{ action: "USER_EXPORT", resource: id, userId: john.id }]);
    }, WITHIN_10_S);
    expect((await read(john, id)).parts.map((part) => part.records)).toEqual([0, 0, 0, 0, 0]);
  });

  test("is deleted seven days after it began", async () => {
    const john = await signIn();
    const { id } = await start(john);
    const { startedAt, expiresAt } = await finish(john, id);
    expect(Date.parse(expiresAt) - Date.parse(startedAt)).toBe(7 * DAY_MS);
    const alarm = await runInDurableObject(homeOf(john), (_object, state) => state.storage.getAlarm());
    expect(alarm).toBe(Date.parse(expiresAt));
    await runInDurableObject(homeOf(john), (_object, state) => {
      state.storage.sql.exec("UPDATE export SET expires_at = 0");
    });
    await runDurableObjectAlarm(homeOf(john));
    expect((await call(`/api/exports/${id}`, { as: john })).status).toBe(404);
    const chunks = await runInDurableObject(homeOf(john), (_object, state) =>
      state.storage.sql.exec("SELECT * FROM chunk").toArray(),
    );
    expect(chunks).toEqual([]);
  });

  test("that would become too large fails with the reason and keeps nothing", async () => {
    const john = await signIn();
    await env.AUTH_PERSONAL_DATA.fill(john.id, 1);
    await env.IMAGES_PERSONAL_DATA.setAway(john.id, true);
    const { id } = await start(john);
    await vi.waitFor(async () => expect((await read(john, id)).parts[0]?.status).toBe("done"), WITHIN_10_S);
    await runInDurableObject(homeOf(john), (_object, state) => {
      state.storage.sql.exec("UPDATE part SET bytes = 512 * 1024 * 1024 WHERE service = 'auth'");
    });
    await env.IMAGES_PERSONAL_DATA.setAway(john.id, false);
    await env.IMAGES_PERSONAL_DATA.fill(john.id, 1);
    await runDurableObjectAlarm(homeOf(john));
    const view = await read(john, id);
    expect(view).toMatchObject({ status: "failed", reason: "There are more than 536870912 bytes." });
    expect((await call(view.parts[0]!.url, { as: john })).status).toBe(409);
    expect((await start(john)).id).not.toBe(id);
  });

  test("that is erased while it is collected is not written any more", async () => {
    const john = await signIn();
    await env.AUTH_PERSONAL_DATA.fill(john.id, 200);
    await start(john);
    await homeOf(john).erase();
    await runDurableObjectAlarm(homeOf(john));
    const left = await runInDurableObject(homeOf(john), (_object, state) =>
      state.storage.sql.exec("SELECT service FROM chunk UNION ALL SELECT service FROM part").toArray(),
    );
    expect(left).toEqual([]);
  });
});

describe("the files of an export", () => {
  test("are downloads that nobody keeps", async () => {
    const john = await signIn();
    const view = await finish(john, (await start(john)).id);
    const part = await call(view.parts[0]!.url, { as: john });
    expect([part.headers.get("Content-Type"), part.headers.get("Cache-Control")]).toEqual([
      "application/x-ndjson",
      "no-store",
    ]);
    const zip = await call(view.photosUrl, { as: john });
    expect(zip.headers.get("Content-Disposition")).toBe('attachment; filename="photos.zip"');
    expect(await zip.text()).toBe("a zip");
  });

  test("are not ready before their part is", async () => {
    const john = await signIn();
    await env.AUTH_PERSONAL_DATA.setAway(john.id, true);
    const view = await start(john);
    const response = await call(view.parts[0]!.url, { as: john });
    expect([response.status, await response.json()]).toEqual([409, expect.objectContaining({ code: "not_ready" })]);
  });

  test("are nobody else's: strangers get what a random id gets", async () => {
    const [john, eve, admin] = [await signIn(), await signIn(), await signIn("admin")];
    const { id } = await finish(john, (await start(john)).id);
    for (const file of ["", "/auth.ndjson", "/photos.zip", "/passwords.ndjson"]) {
      for (const stranger of [eve, admin]) {
        const answers = await Promise.all(
          [id, newId(), "not-an-id"].map((one) => call(`/api/exports/${one}${file}`, { as: stranger })),
        );
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
      }
      expect((await call(`/api/exports/${id}${file}`)).status).toBe(401);
    }
    expect((await call(`/api/exports/${id}/passwords.ndjson`, { as: john })).status).toBe(404);
  });
});
