import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestHarness } from "wrangler";
import { makePhoto } from "../system/support/photo.ts";

/** The promise: a job that comes to the isolate of a stalled one is complete after so long. */
const COMPLETE_WITHIN_MS = 5_000;

/** Enough for a job that is only slow to take its next step. */
const ANSWER_ARRIVES_WITHIN_MS = 500;

const COMPLETE = [
  ...["claimJob", "openOriginal", "readOriginal"],
  ...["storeVariant", "storeVariant", "storeVariant", "storeVariant", "completeJob"],
];

/** The resizer in a runtime of its own, where it has one isolate; its neighbour is a stand-in that can stall. */
const server = createTestHarness({
  workers: [
    { configPath: "test/worker/stalling-images/wrangler.toml" },
    { configPath: "workers/resizer/wrangler.toml", vars: { LOG_LEVEL: "error" } },
  ],
});
let base: URL;

beforeAll(async () => {
  base = (await server.listen()).url;
  await ask("/original", new Uint8Array(await makePhoto({ width: 640, height: 480 })));
});
afterAll(() => server.close());

async function ask(path: string, body?: BodyInit): Promise<Response> {
  const answer = await fetch(new URL(path, base), { method: "POST", body });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

async function stepsOf(jobId: string): Promise<string[]> {
  return (await ask(`/steps/${jobId}`)).json() as Promise<string[]>;
}

/** Hands the resizer a message. @returns in how many seconds it wants it back, null when it is done with it */
async function deliver(jobId: string): Promise<number | null> {
  const answer = (await (await ask(`/deliver/${jobId}`)).json()) as { retryMessages: { delaySeconds: number }[] };
  return answer.retryMessages[0]?.delaySeconds ?? null;
}

/** Does what the queue does: delivers the message again for as long as it is sent back. @returns milliseconds */
async function deliverUntilDone(jobId: string): Promise<number> {
  const started = Date.now();
  for (;;) {
    const delaySeconds = await deliver(jobId);
    if (delaySeconds === null) return Date.now() - started;
    await wait(delaySeconds * 1_000);
  }
}

test.each(["readOriginal", "storeVariant"])(
  "after a job that was cut off at %s the isolate's next one is complete within 5 s",
  async (step) => {
    await ask(`/cut-off/${step}-cut-off`);
    const stepsBefore = await stepsOf(`${step}-cut-off`);
    expect(stepsBefore.at(-1)).toBe(step);

    expect(await deliverUntilDone(`next-after-${step}`)).toBeLessThanOrEqual(COMPLETE_WITHIN_MS);
    expect(await stepsOf(`next-after-${step}`)).toEqual(COMPLETE);
    await ask(`/answer/${step}-cut-off`);
    await wait(ANSWER_ARRIVES_WITHIN_MS);
    expect(await stepsOf(`${step}-cut-off`), "nothing of it runs any more").toEqual(stepsBefore);
  },
);

test("a job whose call is never answered does not hold up the next, and is given back", async () => {
  const hung = deliver("openOriginal-hangs");
  await expect.poll(() => stepsOf("openOriginal-hangs")).toContain("openOriginal");

  expect(await deliverUntilDone("next-after-hung")).toBeLessThanOrEqual(COMPLETE_WITHIN_MS);
  expect(await stepsOf("next-after-hung")).toEqual(COMPLETE);
  expect(await stepsOf("openOriginal-hangs"), "the call still hangs").toEqual(["claimJob", "openOriginal"]);

  expect(await hung, "the message comes back").toBeGreaterThan(0);
  expect(await stepsOf("openOriginal-hangs")).toEqual(["claimJob", "openOriginal", "failJob"]);
});
