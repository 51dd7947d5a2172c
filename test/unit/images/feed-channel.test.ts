import { expect, test } from "vitest";
import { FeedChannel } from "../../../workers/images/src/feed/feed-channel.ts";
import type { LiveUpdate } from "../../../workers/images/src/schema.ts";

const LEASE_MS = 20;
const updateOf = (userId: string): LiveUpdate => ({ id: `for-${userId}`, userId, data: "{}" });

/** Updates that wait until they are forgotten. */
function waiting(...updates: LiveUpdate[]) {
  const left = new Set(updates);
  return {
    left: () => [...left].map(({ id }) => id),
    next: async () => [...left],
    forget: async (ids: string[]) => {
      for (const update of left) if (ids.includes(update.id)) left.delete(update);
    },
  };
}

test("a feed that never answers holds up no other: theirs are delivered, and its own are tried again", async () => {
  const updates = waiting(updateOf("john"), updateOf("jane"));
  const tried: string[] = [];
  const feedOf = (userId: string) => ({
    publish: () => {
      tried.push(userId);
      return userId === "john" ? new Promise<void>(() => {}) : Promise.resolve();
    },
  });
  const channel = new FeedChannel(updates, feedOf, LEASE_MS);
  await expect(channel.announce()).rejects.toThrow("no answer");
  expect(updates.left()).toEqual(["for-john"]);
  await expect(channel.announce()).rejects.toThrow("no answer");
  expect(tried).toEqual(["john", "jane", "john"]);
});
