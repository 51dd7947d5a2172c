import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Delivery as DeliveryClass } from "../../../workers/images/src/delivery/delivery-service.ts";
import { call } from "../call.ts";
import { signIn } from "../sign-in.ts";
import { complete, env, follow, png, storedKeys, uploadPhoto } from "./photos.ts";

const MINUTE_MS = 60_000;

const keyOf = (url: string) => new URL(url).searchParams.get("key") ?? "";

/** What stands behind the cache. */
const { Delivery } = exports as unknown as { Delivery: Fetcher };

function deliver(key: string): Promise<Response> {
  return Delivery.fetch(`https://delivery/?key=${encodeURIComponent(key)}`);
}

afterEach(() => {
  vi.useRealTimers();
});

describe("what a cache may keep", () => {
  test("of an object by its key: everything, for a minute, under a tag by which it can be taken out", async () => {
    const { url } = await uploadPhoto(await signIn());
    const answer = await deliver(keyOf(url));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "public, max-age=60",
      "cache-tag": keyOf(url),
      "content-length": String(png().length),
      etag: expect.stringMatching(/^"[0-9a-f]+"$/),
    });
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(png());
  });

  test("of an object that is not there: nothing", async () => {
    const answer = await deliver("somebody/something/1/original");
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([404, "no-store"]);
  });

  test("of an answer to a person: nothing that is shared, and no tag or key leaves", async () => {
    const john = await signIn();
    const { id, url } = await uploadPhoto(john);
    for (const answer of [await follow(url), await call(`/api/files/${id}`, { as: john })]) {
      expect(answer.headers.get("Cache-Control")).toMatch(/^private, /);
      expect(answer.headers.get("Cache-Tag")).toBeNull();
      await answer.arrayBuffer();
    }
  });

  test("a browser may keep a link's bytes unasked as long as the link works, and has no other bytes under it", async () => {
    const { url } = await uploadPhoto(await signIn());
    const answer = await follow(url);
    await answer.arrayBuffer();
    const secondsLeft = Number(
      /^private, max-age=(\d+), immutable$/.exec(answer.headers.get("Cache-Control") ?? "")?.[1],
    );
    const expires = Number(new URL(url).searchParams.get("expires"));
    expect(Math.abs(Date.now() / 1_000 + secondsLeft - expires)).toBeLessThan(5);
    expect(answer.headers.get("Vary")).toBeNull();
  });
});

test("objects are taken out of Cloudflare's cache by the tags that they were put in under", async () => {
  const { url } = await uploadPhoto(await signIn());
  const key = keyOf(url);
  const purged: unknown[] = [];
  const cache = { purge: async (options: unknown) => purged.push(options) };
  const entrypoint = new DeliveryClass({ cache } as unknown as ExecutionContext, env);
  const answer = await entrypoint.fetch(new Request(`https://delivery/?key=${encodeURIComponent(key)}`));
  await answer.arrayBuffer();
  await entrypoint.purge([key]);
  expect(purged).toEqual([{ tags: [answer.headers.get("Cache-Tag")] }]);
});

test("what stands behind the cache says whether there is one, so that nobody goes that way for nothing", async () => {
  const { url } = await uploadPhoto(await signIn());
  const request = () => new Request(`https://delivery/?key=${encodeURIComponent(keyOf(url))}`);
  const saidIn = async (context: object) => {
    const answer = await new DeliveryClass(context as unknown as ExecutionContext, env).fetch(request());
    await answer.arrayBuffer();
    return answer.headers.get("X-Delivery-Cached");
  };
  expect([await saidIn({ cache: {} }), await saidIn({})]).toEqual(["true", "false"]);
});

describe("after it was deleted, a photo's link", () => {
  test("opens nothing at once, not even for a client that shows the ETag of its copy or wants a part", async () => {
    const john = await signIn();
    const { id, url } = await complete(john);
    const seen = await follow(url);
    await seen.arrayBuffer();
    const copy = { "If-None-Match": seen.headers.get("ETag") ?? "" };
    expect((await follow(url, copy)).status).toBe(304);

    expect((await call(`/api/images/${id}`, { as: john, method: "DELETE" })).status).toBe(204);
    const attempts: Record<string, string>[] = [{}, copy, { Range: "bytes=0-1" }];
    for (const headers of attempts) {
      expect((await follow(url, headers)).status).toBe(404);
    }
  });

  test("tells whoever stands between how long it has been confirming without a look into the bucket", async () => {
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date"] });
    const { url } = await uploadPhoto(await signIn());
    const seen = await follow(url);
    await seen.arrayBuffer();
    const copy = { "If-None-Match": seen.headers.get("ETag") ?? "" };
    const ages: (string | null)[] = [];
    for (const seconds of [0, 30, 29, 1]) {
      vi.setSystemTime(Date.now() + seconds * 1_000);
      ages.push((await follow(url, copy)).headers.get("Age"));
    }
    expect(ages).toEqual([null, "30", "59", null]);
  });

  test("confirms no copy a minute later, wherever it was deleted", async () => {
    const { url } = await uploadPhoto(await signIn());
    const seen = await follow(url);
    await seen.arrayBuffer();
    const copy = { "If-None-Match": seen.headers.get("ETag") ?? "" };

    await env.BUCKET.delete(await storedKeys());
    vi.useFakeTimers({ now: Date.now() + MINUTE_MS, toFake: ["Date"] });
    expect((await follow(url, copy)).status).toBe(404);
  });
});
