import { describe, expect, test } from "vitest";
import { fail, ok } from "../../../shared/result.ts";
import type { News } from "../../../workers/images/src/feed/photo-news.ts";
import { WATCH_MAX_MS, type WatchDeps, watchImage } from "../../../workers/images/src/grpc/watch-image.ts";
import type { Image } from "../../../workers/images/src/schema.ts";

const image = (status: Image["status"], generation = 1) => ({ id: "photo", status, generation }) as Image;

interface Script {
  /** What is read, one after the other; the last again and again. */
  states: (Image | null)[];
  /** What the feed tells; after that a watch has no more to wait for. */
  news?: News[];
  /** Milliseconds that pass with each news. */
  passing?: number;
  sessionEndsAfter?: number;
  /** Milliseconds from the beginning. */
  expiresAt?: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/** Watches by a script. */
async function watch({ states, news = [], passing = 0, sessionEndsAfter = NEVER, expiresAt = NEVER }: Script) {
  const seen = { reads: 0, waits: 0, isOpen: false, wasOpened: false };
  const deps: WatchDeps = {
    find: async () => states[Math.min(seen.reads++, states.length - 1)] ?? null,
    async follow() {
      seen.wasOpened = seen.isOpen = true;
      return ok({
        async next() {
          const told = news[seen.waits++];
          if (told === undefined) throw new Error("The deadline has passed.");
          return told;
        },
        close() {
          seen.isOpen = false;
        },
      });
    },
    expiresAt,
    sessionIsLive: async () => seen.waits <= sessionEndsAfter,
    now: () => seen.waits * passing,
  };
  const told: Image["status"][] = [];
  const watching = watchImage(deps, states[0] ?? image("pending"));
  try {
    for (let step = await watching.next(); ; step = await watching.next()) {
      if (step.done) return { ...seen, told, end: step.value?.code ?? null };
      told.push(step.value.status);
    }
  } catch {
    return { ...seen, told, end: "thrown" };
  }
}

describe("a watch over a photo", () => {
  test("of a photo that is settled tells it and follows nothing", async () => {
    const { told, end, wasOpened } = await watch({ states: [image("failed")] });
    expect({ told, end, wasOpened }).toEqual({ told: ["failed"], end: null, wasOpened: false });
  });

  test("tells each state that the feed announces, and ends with the last", async () => {
    const states = [image("pending"), image("processing"), image("complete")];
    const news: News[] = ["nothing", "changed", "nothing", "changed"];
    expect(await watch({ states, news })).toMatchObject({
      told: ["pending", "processing", "complete"],
      ...{ end: null, reads: 3, isOpen: false },
    });
  });

  test("asks the database for nothing while the feed is silent, and says the same again at every beat", async () => {
    const news: News[] = ["nothing", "nothing", "beat", "nothing", "beat"];
    expect(await watch({ states: [image("pending")], news })).toMatchObject({
      told: ["pending", "pending", "pending"],
      reads: 1,
    });
  });

  test("does not tell twice what it knows, but a photo that began anew", async () => {
    const states = [image("pending"), image("pending"), image("pending", 2)];
    expect((await watch({ states, news: ["changed", "changed"] })).told).toEqual(["pending", "pending"]);
  });

  test.each<[string, string | null, Omit<Script, "states">, (Image | null)[]]>([
    ["the photo is deleted", "not_found", { news: ["changed"] }, [image("pending"), null]],
    ["it was deleted before the feed was open", "not_found", {}, [null]],
    ["the session has ended", "unauthenticated", { news: ["nothing"], sessionEndsAfter: 0 }, [image("pending")]],
    [
      "what the caller has shown has run out",
      "unauthenticated",
      { news: ["nothing", "nothing"], passing: 1_000, expiresAt: 1_500 },
      [image("pending")],
    ],
    ["the feed has gone with the photo", "not_found", { news: ["over"] }, [image("pending"), null]],
    ["the feed has gone", "service_unavailable", { news: ["over"] }, [image("pending")]],
    ["the time is over", null, { news: ["nothing", "nothing"], passing: WATCH_MAX_MS }, [image("pending")]],
    ["the caller's deadline has passed", "thrown", {}, [image("pending")]],
  ])("lets go of the feed when %s", async (_why, end, script, states) => {
    expect(await watch({ states, ...script })).toMatchObject({ end, wasOpened: true, isOpen: false });
  });

  test("is refused where there is no place in the feed", async () => {
    const follow = async () => fail("rate_limited", "Too many.");
    const deps = { follow } as unknown as WatchDeps;
    expect(await watchImage(deps, image("pending")).next()).toMatchObject({
      done: true,
      value: { code: "rate_limited" },
    });
  });
});
