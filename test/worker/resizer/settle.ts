import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import type { VariantName } from "../../../shared/contracts/variants.ts";
import type { Env } from "../../../workers/resizer/src/env.ts";
import worker from "../../../workers/resizer/src/index.ts";
import { FakeImages } from "./fake-images.ts";

/** The reasons for which a picture has no variants, all of them the file's own fault. */
const BAD_IMAGE = ["undecodable_image", "unsupported_image", "image_too_large"];

export interface Settled {
  /** `complete`, or the reason for which there are no variants. */
  outcome: string;
  variants: Map<VariantName, Uint8Array>;
}

/**
 * Sends an original through the Worker's queue as the product does, and checks what holds for every file there is:
 * the message is dealt with, and the job is complete with all its variants or has failed for good with a sentence.
 */
export async function settle(original: Uint8Array): Promise<Settled> {
  const images = new FakeImages(original);
  const message = { id: images.jobId, timestamp: new Date(), attempts: 1, body: { jobId: images.jobId } };
  const batch = createMessageBatch("halftone-resize", [message]);
  await worker.queue(batch, { ...env, IMAGES: images } as unknown as Env);
  const { explicitAcks } = await getQueueResult(batch, createExecutionContext());
  expect(explicitAcks, "the message is dealt with").toEqual([images.jobId]);

  const variants = new Map(images.stored.map(({ name, bytes }) => [name, bytes]));
  if (images.completed) {
    expect([...variants.keys()].sort()).toEqual(["large", "medium", "small", "thumbnail"]);
    expect(images.failures).toEqual([]);
    return { outcome: "complete", variants };
  }
  expect(images.failures).toHaveLength(1);
  const [failure] = images.failures;
  expect(BAD_IMAGE).toContain(failure?.code);
  expect(failure?.permanent).toBe(true);
  expect(failure?.detail).toMatch(/^\p{Lu}.+\.$/u);
  return { outcome: failure?.code ?? "", variants };
}
