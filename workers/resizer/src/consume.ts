import * as z from "zod";
import type { JobsApi, ResizeNudge } from "../../../shared/contracts/rpc.ts";
import { originFields } from "../../../shared/http/trace.ts";
import { describeError, type Logger } from "../../../shared/log.ts";
import type { Codecs } from "./codecs/codec.ts";
import { runJob } from "./job.ts";
import type { Slot } from "./slot.ts";
import { createWait } from "./wait.ts";

export interface ConsumeDeps {
  images: JobsApi;
  codecs: Codecs;
  slot: Slot;
  log: Logger;
}

/** What a nudge's carrier must let us do; a queue's `Message` has more. */
export type Nudge = Pick<Message<unknown>, "body" | "ack" | "retry">;

/** A message of an older images Worker does not say whose it is. */
const NudgeBody: z.ZodType<ResizeNudge> = z.object({
  jobId: z.string(),
  requestId: z.string().nullable().default(null),
  traceparent: z.string().nullable().default(null),
});

/** Jobs take about a second or two, so the slot is likely to be free then. */
const BUSY_RETRY_SECONDS = 1;
/** Time for whatever is away to come back. */
const OUTAGE_RETRY_SECONDS = 10;

/**
 * Answers one nudge. It is dropped whenever the job's row has been dealt with, which needs no success: the row is
 * the truth, and whoever keeps it nudges again for a job that waits.
 */
export async function consume(deps: ConsumeDeps, message: Nudge): Promise<void> {
  const body = NudgeBody.safeParse(message.body);
  if (!body.success) {
    deps.log.error("unreadable nudge");
    message.ack();
    return;
  }
  const started = Date.now();
  const ticket = deps.slot.take(started);
  if (ticket === null) {
    message.retry({ delaySeconds: BUSY_RETRY_SECONDS });
    return;
  }
  const { jobId } = body.data;
  const log = deps.log.with(originFields(body.data));
  const wait = createWait(() => deps.slot.sign(ticket));
  try {
    const report = await runJob({ ...deps, wait }, jobId);
    log.info("job", { jobId, ...report, ms: Date.now() - started });
    message.ack();
  } catch (error) {
    log.error("job", { jobId, outcome: "error", ms: Date.now() - started, error: describeError(error) });
    message.retry({ delaySeconds: OUTAGE_RETRY_SECONDS });
  } finally {
    deps.slot.free(ticket);
  }
}
