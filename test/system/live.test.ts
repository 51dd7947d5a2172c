import { EventSource } from "eventsource";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { ImageUpdate } from "../../shared/contracts/images.ts";
import type { SessionView } from "../../shared/contracts/sessions.ts";
import { EventStream } from "../support/event-stream.ts";
import { Client, PASSWORD } from "./support/client.ts";
import { makePhoto } from "./support/photo.ts";
import { type Product, startProduct } from "./support/product.ts";

const PATH = "/api/images/events";
/** The promise: nothing of an ended session goes on for longer. */
const ENDED_WITHIN_MS = 5_000;
/** A short one, but long enough to be used. */
const KEY_LIFE_MS = 6_000;
/** How many streams one person may have open. */
const PLACES = 20;

let product: Product;
let photo: Buffer;

beforeAll(async () => {
  [product, photo] = await Promise.all([startProduct(), makePhoto({ width: 64, height: 64 })]);
});
afterAll(() => product.close());

type Told = { lastEventId: string } & ImageUpdate;

/** Listens as a page does, with the product's own credentials in place of its cookie. */
function listen(person: Client, headers: Record<string, string> = {}) {
  const told: Told[] = [];
  const refusals: (number | undefined)[] = [];
  const source = new EventSource(`${person.base}${PATH}`, {
    fetch: (url, init) =>
      fetch(url, {
        ...init,
        headers: { Authorization: `Bearer ${person.account.accessToken}`, ...init.headers, ...headers },
      }),
  });
  source.addEventListener("status", ({ data, lastEventId }) => told.push({ lastEventId, ...JSON.parse(data) }));
  source.addEventListener("error", ({ code }) => refusals.push(code));
  onTestFinished(() => source.close());
  const opened = new Promise<void>((resolve) => source.addEventListener("open", () => resolve()));
  return { told, refusals, source, opened };
}

/** Opens a stream by the headers given, or as the person. */
async function open(person: Client, headers: Record<string, string> = {}): Promise<EventStream> {
  const answer = await person.fetch(PATH, { headers });
  expect(answer.status).toBe(200);
  const stream = new EventStream(answer);
  onTestFinished(() => stream.close().catch(() => undefined));
  return stream;
}

const statuses = (told: Told[]) => told.map(({ status }) => status);
const WHOLE_WAY = ["pending", "processing", "complete"];

async function expectEnd(stream: EventStream, end: () => Promise<Response>): Promise<void> {
  await stream.nextWith("id");
  expect([200, 204]).toContain((await end()).status);
  const since = Date.now();
  await stream.ended();
  expect(Date.now() - since).toBeLessThan(ENDED_WITHIN_MS);
}

test("a photo's way to its sizes is told as it happens, to its owner and to nobody else", async () => {
  const [ada, eve] = await Promise.all([Client.signUp(product.url), Client.signUp(product.url)]);
  const [hers, others] = [listen(ada), listen(eve)];
  await Promise.all([hers.opened, others.opened]);
  const { id } = await ada.uploadPhoto(photo);
  await expect.poll(() => statuses(hers.told), { timeout: 60_000 }).toEqual(WHOLE_WAY);
  expect(hers.told.map((update) => update.id)).toEqual([id, id, id]);
  expect(hers.told.map(({ lastEventId }) => lastEventId)).toEqual(["1", "2", "3"]);
  expect(hers.told[2]).toMatchObject(await ada.settled(id));

  const own = await eve.uploadPhoto(photo);
  await expect.poll(() => others.told[0]?.id, { timeout: 60_000 }).toBe(own.id);
});

test("who was away is told what happened meanwhile, in order and once", async () => {
  const ada = await Client.signUp(product.url);
  const before = listen(ada);
  await before.opened;
  const first = await ada.uploadPhoto(photo);
  await expect.poll(() => statuses(before.told), { timeout: 60_000 }).toEqual(WHOLE_WAY);
  before.source.close();

  const second = await ada.uploadPhoto(await makePhoto({ width: 64, height: 64 }, 2));
  await ada.settled(second.id);
  await ada.fetch(`/api/images/${first.id}`, { method: "DELETE" });
  const after = listen(ada, { "Last-Event-ID": before.told.at(-1)?.lastEventId ?? "" });
  await expect.poll(() => statuses(after.told), { timeout: 10_000 }).toEqual([...WHOLE_WAY, "deleted"]);
  expect(after.told.map(({ lastEventId }) => lastEventId)).toEqual(["4", "5", "6", "7"]);
});

test("a stream ends with its session, whichever credential opened it, and does not come back", async () => {
  const ada = await Client.signUp(product.url);
  const { userId } = ada.account;
  const byToken = await open(ada);
  const bySource = listen(ada);
  await bySource.opened;
  const key = await ada.makeKey(["images:read"]);
  const byKey = await open(ada, { Authorization: `Bearer ${key.key}` });
  await expectEnd(byKey, () => ada.fetch(`/api/keys/${key.id}`, { method: "DELETE" }));

  const laptop = await Client.signIn(product.url, { email: ada.account.email, password: PASSWORD });
  const first = (await laptop.json<SessionView[]>(`/api/sessions/${userId}`)).find(({ current }) => !current);
  await expectEnd(byToken, () => laptop.fetch(`/api/sessions/${userId}/${first?.id}`, { method: "DELETE" }));
  await expect.poll(() => bySource.refusals.at(-1), { timeout: 10_000 }).toBe(401);
  expect(bySource.source.readyState).toBe(EventSource.CLOSED);
});

test("a stream ends when the key that opened it runs out, and not before", async () => {
  const ada = await Client.signUp(product.url);
  const expiresAt = Date.now() + KEY_LIFE_MS;
  const { key } = await ada.makeKey(["images:read"], { expiresAt: new Date(expiresAt).toISOString() });
  const stream = await open(ada, { Authorization: `Bearer ${key}` });
  await stream.ended();
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
});

test("all streams of an account that is erased end, as many as there may be, and others are told as before", async () => {
  const [ada, eve] = await Promise.all([Client.signUp(product.url), Client.signUp(product.url)]);
  const others = await open(eve);
  const streams = await Promise.all(Array.from({ length: PLACES }, () => open(ada)));
  for (const stream of streams) await stream.nextWith("id");
  expect((await ada.send("DELETE", "/api/users/me", { currentPassword: PASSWORD })).status).toBe(202);
  await Promise.all(streams.map((stream) => stream.ended()));
  const { id } = await eve.uploadPhoto(photo);
  expect((await others.nextWith("data")).data).toContain(id);
});

test("a silent stream is kept alive, and clients that have gone give their places back", async () => {
  const ada = await Client.signUp(product.url);
  const stream = await open(ada);
  const gone = new AbortController();
  const others = Array.from({ length: PLACES - 1 }, () => ada.fetch(PATH, { signal: gone.signal }));
  for (const answer of await Promise.all(others)) expect(answer.status).toBe(200);
  expect((await ada.fetch(PATH)).status).toBe(429);

  gone.abort();
  expect(await stream.nextWith("comment")).toEqual({ id: null, event: null, data: null, comment: "" });
  const openAnother = async () => {
    const answer = await ada.fetch(PATH);
    await answer.body?.cancel();
    return answer.status;
  };
  await expect.poll(openAnother, { timeout: 60_000, interval: 1_000 }).toBe(200);
});
