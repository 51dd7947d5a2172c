// Runs in workerd in the place of the images Worker: hands out one photo, takes its variants, and passes a message on
// to the resizer's queue handler when it is told to over HTTP.

import { WorkerEntrypoint } from "cloudflare:workers";

const QUEUE = "halftone-resize";
const JOB_ID = "the-job";

/** The photo at hand and what became of it. All doors of this Worker live in one isolate. */
const job = { photo: new Uint8Array(), format: "webp", variants: new Map(), end: "none" };

const done = { ok: true, value: null };

export class JobsService extends WorkerEntrypoint {
  claimJob(jobId) {
    const { photo, format } = job;
    const claim = { jobId, imageId: jobId, attemptId: jobId, attempt: 1, bytes: photo.length, mimeType: "image/jpeg" };
    return { ok: true, value: { ...claim, kind: "eager", formats: [format] } };
  }

  openOriginal() {
    return { ok: true, value: new Response(job.photo).body };
  }

  storeVariant(_jobId, _attemptId, { name }, bytes) {
    job.variants.set(name, bytes);
    return done;
  }

  completeJob() {
    job.end = "complete";
    return done;
  }

  failJob(_jobId, _attemptId, { detail }) {
    job.end = detail;
    return done;
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/photo") {
      job.format = searchParams.get("format");
      job.photo = new Uint8Array(await request.arrayBuffer());
      return new Response(null);
    }
    if (pathname === "/job") {
      job.variants.clear();
      job.end = "none";
      await env.RESIZER.queue(QUEUE, [{ id: JOB_ID, timestamp: new Date(), attempts: 1, body: { jobId: JOB_ID } }]);
      return Response.json({ end: job.end });
    }
    const variant = job.variants.get(pathname.slice("/variants/".length));
    return variant === undefined ? new Response(null, { status: 404 }) : new Response(variant);
  },
};
