import { expect, test } from "vitest";
import { JobsChannel } from "../../../workers/images/src/jobs/jobs-channel.ts";
import type { DueJob } from "../../../workers/images/src/jobs/open-jobs.repo.ts";

/** A job that nobody's request is known for. */
function dueJob(id: string, attempts = 0): DueJob {
  return { id, attempts, requestId: null, traceparent: null };
}

/** A channel over a list of due jobs, and what it sends. Time is the test's. */
function channelOver(due: DueJob[], leaseMs = 1_000) {
  const clock = { now: 0 };
  const sent: string[] = [];
  const outage = { on: false };
  const jobs = { due: async (_now: number, limit: number) => due.slice(0, limit), hasOpen: async () => due.length > 0 };
  const queue = {
    sendBatch: async (messages: Iterable<{ body: { jobId: string } }>) => {
      if (outage.on) throw new Error("the queue is away");
      sent.push(...Array.from(messages, (message) => message.body.jobId));
    },
  };
  const channel = new JobsChannel(jobs, queue, leaseMs, () => clock.now);
  return { channel, clock, sent, outage };
}

test("a due job is announced once per lease, and ever more slowly", async () => {
  const { channel, clock, sent } = channelOver([dueJob("a")]);
  const announcedAt: number[] = [];
  for (clock.now = 0; clock.now <= 7_000; clock.now += 500) {
    const before = sent.length;
    expect(await channel.announce()).toBe(true);
    if (sent.length > before) announcedAt.push(clock.now);
  }
  expect(announcedAt).toEqual([0, 1_000, 3_000, 7_000]);
});

test("no more than 32 are in flight", async () => {
  const due = Array.from({ length: 100 }, (_, n) => dueJob(String(n)));
  const { channel, sent } = channelOver(due);
  await channel.announce();
  await channel.announce();
  expect(sent).toHaveLength(32);
  due.splice(0, 10);
  await channel.announce();
  expect(new Set(sent).size).toBe(42);
});

test("a job that was claimed meanwhile and waits again is announced at once", async () => {
  const due = [dueJob("a")];
  const { channel, sent } = channelOver(due);
  await channel.announce();
  due[0] = dueJob("a", 1);
  await channel.announce();
  expect(sent).toEqual(["a", "a"]);
});

test("two announcements at the same time send a job once", async () => {
  const { channel, sent } = channelOver([dueJob("a")]);
  await Promise.all([channel.announce(), channel.announce()]);
  expect(sent).toEqual(["a"]);
});

test("what could not be sent is announced again by the next look", async () => {
  const { channel, sent, outage } = channelOver([dueJob("a")]);
  outage.on = true;
  await expect(channel.announce()).rejects.toThrow("away");
  outage.on = false;
  await channel.announce();
  expect(sent).toEqual(["a"]);
});

test("nothing waits where no job is open", async () => {
  expect(await channelOver([]).channel.announce()).toBe(false);
});
