import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { createLogger } from "../../../shared/log.ts";
import { createCodecs } from "../../../workers/resizer/src/codecs/codec.ts";
import { consume } from "../../../workers/resizer/src/consume.ts";
import type { Env } from "../../../workers/resizer/src/env.ts";
import worker from "../../../workers/resizer/src/index.ts";
import { Slot } from "../../../workers/resizer/src/slot.ts";
import { call } from "../call.ts";
import { FakeImages } from "./fake-images.ts";
import { photo } from "./pictures.ts";

const log = createLogger({ SERVICE_NAME: "resizer", LOG_LEVEL: "error" });
const codecs = createCodecs();
const HOUR_MS = 3_600_000;

/** A message that remembers what became of it. */
function nudge(body: unknown) {
  const message = {
    body,
    answer: "none",
    ack() {
      message.answer = "ack";
    },
    retry(options?: QueueRetryOptions) {
      message.answer = `retry in ${options?.delaySeconds} s`;
    },
  };
  return message;
}

async function smallJob() {
  return new FakeImages(await photo({ width: 64, height: 64 }));
}

describe("the queue", () => {
  it("runs the job that a message names, then drops the message", async () => {
    const images = await smallJob();
    const message = nudge({ jobId: images.jobId });
    await consume({ images, codecs, slot: new Slot(), log }, message);
    expect(message.answer).toBe("ack");
    expect(images.completed).toBe(true);
  });

  it("sends a message back at once while another job runs, and takes it afterwards", async () => {
    const images = await smallJob();
    const slot = new Slot();
    const first = nudge({ jobId: images.jobId });
    const second = nudge({ jobId: images.jobId });
    const running = consume({ images, codecs, slot, log }, first);
    await consume({ images, codecs, slot, log }, second);
    expect(second.answer).toBe("retry in 1 s");
    expect(first.answer).toBe("none");
    await running;
    await consume({ images, codecs, slot, log }, second);
    expect(second.answer).toBe("ack");
  });

  it("works on after a job of which nothing is seen any more", async () => {
    const slot = new Slot();
    const hourAgo = Date.now() - HOUR_MS;
    slot.take(hourAgo);
    expect(slot.take(hourAgo)).toBeNull();
    const images = await smallJob();
    const message = nudge({ jobId: images.jobId });
    await consume({ images, codecs, slot, log }, message);
    expect(message.answer).toBe("ack");
  });

  it("tries later when the images service is away, and the slot is free again", async () => {
    const images = await smallJob();
    images.breakAt = "claimJob";
    const slot = new Slot();
    const message = nudge({ jobId: images.jobId });
    await consume(
      { images, codecs, slot, log: createLogger({ SERVICE_NAME: "resizer", LOG_LEVEL: "error" }) },
      message,
    );
    expect(message.answer).toBe("retry in 10 s");
    expect(slot.take(Date.now())).not.toBeNull();
  });

  it("writes its line under the id and the trace of the request that the job was made for", async () => {
    const images = await smallJob();
    const lines = vi.spyOn(console, "log").mockReturnValue(undefined);
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const message = nudge({ jobId: images.jobId, requestId: "my-upload-77", traceparent });
    const talkative = createLogger({ SERVICE_NAME: "resizer", LOG_LEVEL: "info" });
    await consume({ images, codecs, slot: new Slot(), log: talkative }, message);
    const [line] = lines.mock.calls.map(([text]) => JSON.parse(String(text)));
    lines.mockRestore();
    expect(line).toMatchObject({ msg: "job", outcome: "complete", requestId: "my-upload-77" });
    expect(line.traceId).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  });

  it("drops a message that names no job", async () => {
    const images = await smallJob();
    const message = nudge({ job: 7 });
    await consume({ images, codecs, slot: new Slot(), log }, message);
    expect(message.answer).toBe("ack");
  });

  it("drops a message whose job the images service does not give out", async () => {
    const body = { jobId: newId() };
    const messages = [{ id: "1", timestamp: new Date(), attempts: 1, body }];
    const batch = createMessageBatch("halftone-resize", messages);
    await worker.queue(batch, env as unknown as Env);
    const result = await getQueueResult(batch, createExecutionContext());
    expect(result.explicitAcks).toEqual(["1"]);
    expect(result.retryMessages).toEqual([]);
  });
});

describe("the HTTP door", () => {
  it("answers its health", async () => {
    const response = await call("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: "healthy", service: "resizer" });
  });
});
