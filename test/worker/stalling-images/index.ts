import { WorkerEntrypoint } from "cloudflare:workers";
import type { ClaimedJob, JobsApi, ResizeNudge } from "../../../shared/contracts/rpc.ts";
import { ok } from "../../../shared/result.ts";

/** Where a job can be made to stall: at a call, or with half of its original sent. */
type Step = keyof JobsApi | "readOriginal";

const LOOK_EVERY_MS = 50;

/** The original of every job. */
let original = new Uint8Array();
/** What the resizer did, in order. */
const steps: { step: Step; jobId: string }[] = [];
/** Jobs that are answered after all. */
const answered = new Set<string>();

/** The images Worker's side of jobs. A job whose id begins with a step gets no answer there. */
export class JobsService extends WorkerEntrypoint implements JobsApi {
  async claimJob(jobId: string) {
    await take("claimJob", jobId);
    const ids = { jobId, imageId: jobId, attemptId: jobId };
    const file = { bytes: original.length, mimeType: "image/jpeg" };
    const job: ClaimedJob = { ...ids, ...file, attempt: 1, kind: "eager", formats: ["webp"] };
    return ok(job);
  }

  async openOriginal(jobId: string) {
    await take("openOriginal", jobId);
    return ok(inTwoHalves(jobId));
  }

  async storeVariant(jobId: string) {
    await take("storeVariant", jobId);
    return ok(null);
  }

  async completeJob(jobId: string) {
    await take("completeJob", jobId);
    return ok(null);
  }

  async failJob(jobId: string) {
    await take("failJob", jobId);
    return ok(null);
  }
}

function inTwoHalves(jobId: string): ReadableStream<Uint8Array> {
  const middle = original.length >> 1;
  const { readable, writable } = new IdentityTransformStream();
  const send = async () => {
    const writer = writable.getWriter();
    await writer.write(original.slice(0, middle));
    await take("readOriginal", jobId);
    await writer.write(original.slice(middle));
    await writer.close();
  };
  // The reader's end sees whatever goes wrong here.
  send().catch(() => {});
  return readable;
}

async function take(step: Step, jobId: string): Promise<void> {
  steps.push({ step, jobId });
  // Something to wait for at any time: the runtime ends an invocation that waits for nothing.
  while (jobId.startsWith(step) && !answered.has(jobId)) await scheduler.wait(LOOK_EVERY_MS);
}

/** What a service binding also offers with this Worker's compatibility flags. */
interface Consumer {
  queue(
    name: string,
    messages: Pick<Message<ResizeNudge>, "id" | "timestamp" | "attempts" | "body">[],
  ): Promise<object>;
}

/** The test's own door, through which it plays the queue. */
export default {
  async fetch(request, env) {
    const [, verb, jobId = ""] = new URL(request.url).pathname.split("/");
    const message = {
      id: jobId,
      timestamp: new Date(),
      attempts: 1,
      body: { jobId, requestId: null, traceparent: null },
    };
    switch (verb) {
      case "original":
        original = new Uint8Array(await request.arrayBuffer());
        return new Response();
      case "steps":
        return Response.json(steps.filter((taken) => taken.jobId === jobId).map(({ step }) => step));
      case "answer":
        answered.add(jobId);
        return new Response();
      case "deliver":
        return Response.json(await env.RESIZER.queue("halftone-resize", [message]));
      case "cut-off":
        // When this invocation ends, the runtime cancels the one that it called and did not wait for.
        env.RESIZER.queue("halftone-resize", [message]).catch(() => {});
        while (!steps.some((taken) => taken.jobId === jobId && jobId.startsWith(taken.step))) {
          await scheduler.wait(LOOK_EVERY_MS);
        }
        return new Response();
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<{ RESIZER: Consumer }>;
