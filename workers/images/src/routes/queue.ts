import { Hono } from "hono";
import * as z from "zod";
import { JobView } from "../../../../shared/contracts/images.ts";
import { AdminJobView, JobQuery, QueueView, Redrive, RedriveResult } from "../../../../shared/contracts/queue.ts";
import { requires } from "../../../../shared/http/identity.ts";
import { describe } from "../../../../shared/http/openapi.ts";
import { cutPageBy, PAGE_HEADERS } from "../../../../shared/http/paging.ts";
import { refuse, refuseUnknown } from "../../../../shared/http/problem.ts";
import { optionalJsonBody, query } from "../../../../shared/http/validate.ts";
import { isId } from "../../../../shared/ids.ts";
import { D1OutboxStore } from "../../../../shared/outbox/d1-store.ts";
import { QueueRepo } from "../admin/queue.repo.ts";
import { readQueue } from "../admin/read-queue.ts";
import { redriveJob, redriveJobs } from "../admin/redrive-job.ts";
import type { Env } from "../env.ts";
import { viewJob } from "../files/view.ts";
import { ImagesRepo } from "../images/images.repo.ts";
import { JobsRepo } from "../jobs/jobs.repo.ts";
import { OpenJobsRepo } from "../jobs/open-jobs.repo.ts";
import { commitOf, type ImagesContext, originOf } from "./context.ts";

/** `/api/admin`: what waits and what failed, for those who look after the deployment. */
export const queueRoutes = new Hono<{ Bindings: Env }>();

queueRoutes.get(
  "/queue",
  describe({ summary: "Read how much waits", tags: ["admin"], responds: { 200: QueueView } }),
  requires("system:manage"),
  async (c) => {
    const { DB } = c.env;
    const deps = { jobs: new OpenJobsRepo(DB), outbox: new D1OutboxStore(DB), queue: new QueueRepo(DB) };
    return c.json(await readQueue(deps));
  },
);

queueRoutes.get(
  "/jobs",
  describe({
    summary: "List everybody's resize jobs of one state, newest first; the failed ones with their reasons",
    tags: ["admin"],
    responds: { 200: z.array(AdminJobView) },
    sends: PAGE_HEADERS,
  }),
  requires("system:manage"),
  query(JobQuery),
  async (c) => {
    const asked = c.req.valid("query");
    const found = await new QueueRepo(c.env.DB).list(asked);
    const page = cutPageBy(c, found, asked.limit, ({ job }) => job.id);
    return c.json(
      page.map(({ job, ...rest }): AdminJobView => ({ ...viewJob(job), errorCode: job.errorCode, ...rest })),
    );
  },
);

queueRoutes.post(
  "/jobs/redrive",
  describe({
    summary: "Make new jobs in place of those that failed, the oldest first; some in each call",
    tags: ["admin"],
    responds: { 202: RedriveResult },
  }),
  requires("system:manage"),
  optionalJsonBody(Redrive),
  async (c) => {
    const deps = { ...depsOf(c), queue: new QueueRepo(c.env.DB) };
    return c.json(await redriveJobs(deps, c.var.actor, c.req.valid("json").errorCode), 202);
  },
);

queueRoutes.post(
  "/jobs/:id/redrive",
  describe({
    summary: "Make a new job in place of one that failed",
    tags: ["admin"],
    responds: { 202: JobView },
    sends: { 202: ["Location"] },
  }),
  requires("system:manage"),
  async (c) => {
    const id = c.req.param("id");
    if (!isId(id)) return refuseUnknown(c);
    const redriven = await redriveJob(depsOf(c), c.var.actor, id);
    if (!redriven.ok) return redriven.failure.code === "not_found" ? refuseUnknown(c) : refuse(c, redriven.failure);
    return c.json(viewJob(redriven.value), 202, { Location: `/api/jobs/${redriven.value.id}` });
  },
);

function depsOf(c: ImagesContext) {
  const { DB } = c.env;
  return { jobs: new JobsRepo(DB), images: new ImagesRepo(DB), commit: commitOf(c), origin: originOf(c) };
}
