import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, onTestFinished, test } from "vitest";
import { ImageUpdate } from "../../../shared/contracts/images.ts";
import { newId } from "../../../shared/ids.ts";
import { RELAY_NAME } from "../../../shared/outbox/commit.ts";
import { STREAMS_MAX } from "../../../workers/images/src/feed/feed.do.ts";
import { KEPT_MAX } from "../../../workers/images/src/feed/feed-log.repo.ts";
import { EventStream } from "../../support/event-stream.ts";
import { call } from "../call.ts";
import { type Person, signIn } from "../sign-in.ts";
import {
  claim,
  completeJob,
  env,
  jobsService,
  makeSizes,
  PLACEHOLDER,
  png,
  timePasses,
  uploadPhoto,
} from "./photos.ts";

const PATH = "/api/images/events";
const feedOf = ({ id }: Person) => env.FEEDS.getByName(id);

/** Opens a stream, which the end of the test closes. */
async function listen(person: Person, lastEventId?: string): Promise<EventStream> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { "Last-Event-ID": lastEventId };
  const response = await call(PATH, { as: person, headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("text/event-stream");
  const stream = new EventStream(response);
  onTestFinished(() => feedOf(person).erase());
  return stream;
}

/** The next so many updates, as the contract has them. */
async function updates(stream: EventStream, count: number): Promise<ImageUpdate[]> {
  const read: ImageUpdate[] = [];
  while (read.length < count) {
    const { event, data } = await stream.nextWith("event");
    expect(event).toBe("status");
    read.push(ImageUpdate.parse(JSON.parse(data ?? "")));
  }
  return read;
}

const statuses = async (stream: EventStream, count: number) =>
  (await updates(stream, count)).map(({ status }) => status);

/** So many updates of a photo that there is not. */
const made = (count: number) => Array.from({ length: count }, () => ({ id: newId(), userId: "", data: "{}" }));

describe("a stream of live status", () => {
  test("tells each status of a photo in order, with what its status view tells, and its end", async () => {
    const john = await signIn();
    const stream = await listen(john);
    const { id, jobId } = await uploadPhoto(john);
    const attemptId = await makeSizes(jobId);
    await completeJob(jobId, attemptId);
    await call(`/api/images/${id}`, { as: john, method: "DELETE" });

    const told = await updates(stream, 4);
    expect(told.map((update) => update.status)).toEqual(["pending", "processing", "complete", "deleted"]);
    expect(told.map((update) => update.id)).toEqual([id, id, id, id]);
    expect(told.map((update) => update.jobId)).toEqual([jobId, jobId, jobId, null]);
    expect(told[2]).toMatchObject({ ...PLACEHOLDER, errorMessage: null });
  });

  test("tells of a job that is given back and of one that failed, with the reason", async () => {
    const john = await signIn();
    const stream = await listen(john);
    const { id, jobId } = await uploadPhoto(john);
    const failure = { code: "out_of_memory", detail: "The resizer ran out of memory.", permanent: false };
    await jobsService.failJob(jobId, await claim(jobId), failure);
    await timePasses(jobId);
    await jobsService.failJob(jobId, await claim(jobId), { ...failure, permanent: true });
    await call(`/api/images/${id}/retry`, { as: john, method: "POST" });

    const told = await updates(stream, 6);
    const expected = ["pending", "processing", "pending", "processing", "failed", "pending"];
    expect(told.map((update) => update.status)).toEqual(expected);
    expect(told[4]?.errorMessage).toBe("The resizer ran out of memory.");
    expect(told[5]?.jobId).not.toBe(jobId);
  });

  test("says nothing of a file that is no photo", async () => {
    const john = await signIn();
    const stream = await listen(john);
    const stored = await call("/api/files", { as: john, method: "PUT", body: "no photo" });
    const { id } = await stored.json<{ id: string }>();
    expect((await call(`/api/files/${id}`, { as: john, method: "DELETE" })).status).toBe(204);
    const photo = await uploadPhoto(john);
    expect((await updates(stream, 1))[0]?.id).toBe(photo.id);
  });

  test("never says a word of somebody else's photos", async () => {
    const [john, eve] = [await signIn(), await signIn()];
    const stream = await listen(eve);
    await uploadPhoto(john);
    const hers = await uploadPhoto(eve);
    expect((await updates(stream, 1))[0]?.id).toBe(hers.id);
  });

  test("goes on where the one before ended: what was missed comes first, nothing twice", async () => {
    const john = await signIn();
    const first = await listen(john);
    const { jobId } = await uploadPhoto(john);
    const { id } = await first.nextWith("event");

    const attemptId = await makeSizes(jobId);
    await expect.poll(() => feedOf(john).newest()).toBe(2);
    const second = await listen(john, id ?? "");
    await completeJob(jobId, attemptId);
    expect(await statuses(second, 2)).toEqual(["processing", "complete"]);
    expect(await (await listen(john, "0")).nextWith("event")).toMatchObject({ id: "1" });
  });

  test("tells at its beginning where the feed stands, so that one which broke off early misses nothing", async () => {
    const john = await signIn();
    await feedOf(john).publish(made(3));
    const { id } = await (await listen(john)).nextWith("id");
    expect(id).toBe("3");
    await feedOf(john).publish(made(1));
    expect(await (await listen(john, "3")).nextWith("event")).toMatchObject({ id: "4" });
  });

  test("takes the last event by query too, for clients that cannot set headers", async () => {
    const john = await signIn();
    await feedOf(john).publish(made(2));
    const stream = new EventStream(await call(`${PATH}?lastEventId=1`, { as: john }));
    onTestFinished(() => feedOf(john).erase());
    expect(await stream.nextWith("event")).toMatchObject({ id: "2", event: "status" });
  });

  test("says that something is lost for good, where it is", async () => {
    const john = await signIn();
    await feedOf(john).publish(made(KEPT_MAX + 2));
    const newest = String(KEPT_MAX + 2);
    for (const unknown of ["1", "99999"]) {
      expect(await (await listen(john, unknown)).nextWith("event")).toMatchObject({ id: newest, event: "reset" });
    }
    expect(await (await listen(john, "2")).nextWith("event")).toMatchObject({ id: "3", event: "status" });
  });

  test("is refused when it asks for what is no event", async () => {
    const john = await signIn();
    expect((await call(PATH, { as: john, headers: { "Last-Event-ID": "x" } })).status).toBe(400);
    expect((await call(`${PATH}?lastEventId=-1`, { as: john })).status).toBe(422);
    expect((await call(PATH)).status).toBe(401);
  });

  test("is not opened by HEAD", async () => {
    const john = await signIn();
    const response = await call(PATH, { as: john, method: "HEAD" });
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(await feedOf(john).countListeners("stream")).toBe(0);
  });

  test("finds no place beside many others of the same user", async () => {
    const john = await signIn();
    await Promise.all(Array.from({ length: STREAMS_MAX }, () => listen(john)));
    const refused = await call(PATH, { as: john });
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "30"]);
    await listen(await signIn());
  });

  test("is cut off where its client does not read", async () => {
    const john = await signIn();
    const stream = await listen(john);
    const long = JSON.stringify("x".repeat(10_000));
    for (let round = 0; round < 3; round++) {
      await feedOf(john).publish(made(30).map((update) => ({ ...update, data: long })));
    }
    await expect.poll(() => feedOf(john).countListeners("stream")).toBe(0);
    await expect(stream.ended()).rejects.toThrow();
  });

  test("outlives the sleep of its feed (hibernation)", async () => {
    const john = await signIn();
    const stream = await listen(john);
    await stream.nextWith("id");
    await evictDurableObject(feedOf(john));
    await uploadPhoto(john);
    expect(await statuses(stream, 1)).toEqual(["pending"]);
  });
});

describe("a feed", () => {
  test("takes an update once, however often it is brought", async () => {
    const john = await signIn();
    const [one, two, three] = made(3);
    if (one === undefined || two === undefined || three === undefined) throw new Error("Too few.");
    await feedOf(john).publish([one, two]);
    await feedOf(john).publish([one, two, three]);
    expect(await feedOf(john).newest()).toBe(3);
  });

  test("is brought what a crash kept from it by the relay's alarm", async () => {
    const john = await signIn();
    const stream = await listen(john);
    await env.DB.prepare("INSERT INTO live_update (id, user_id, data) VALUES (?, ?, '{}')")
      .bind(newId(), john.id)
      .run();
    await runInDurableObject(env.RELAY.getByName(RELAY_NAME), (relay) => relay.alarm());
    expect(await stream.nextWith("event")).toMatchObject({ id: "1", data: "{}" });
    expect((await env.DB.prepare("SELECT id FROM live_update").all()).results).toEqual([]);
  });

  test("forgets what is older than a day, but not how far it had counted", async () => {
    const john = await signIn();
    await feedOf(john).publish(made(2));
    await runInDurableObject(feedOf(john), (feed, { storage }) => {
      storage.sql.exec("UPDATE entry SET at = 0");
      return feed.alarm();
    });
    const kept = await runInDurableObject(feedOf(john), (_, { storage }) =>
      storage.sql.exec("SELECT id FROM entry").toArray(),
    );
    expect(kept).toEqual([]);
    expect(await (await listen(john, "1")).nextWith("event")).toMatchObject({ id: "2", event: "reset" });
    await feedOf(john).publish(made(1));
    expect(await (await listen(john, "2")).nextWith("event")).toMatchObject({ id: "3", event: "status" });
  });

  test("of an account that is erased ends its streams and keeps nothing", async () => {
    const john = await signIn();
    const stream = await listen(john);
    await uploadPhoto(john, png());
    await stream.nextWith("event");
    await feedOf(john).erase();
    await stream.ended();
    expect(await feedOf(john).newest()).toBe(0);
  });
});
