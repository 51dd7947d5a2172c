import * as z from "zod";
import { Paging } from "../http/paging.ts";
import { ImageStatus, JobView } from "./images.ts";

const count = z.number().int();
const age = z.number().nullable().describe("seconds; null where none waits");

/** `GET /api/admin/queue`: what waits in the images service. */
export const QueueView = z
  .object({
    jobs: z.object({ pending: count, processing: count, failed: count, oldestSeconds: age }),
    events: z
      .object({ waiting: count, oldestSeconds: age, setAside: count })
      .describe("that wait for the log, and that it refused for good"),
    uploads: z
      .object({ begun: count, resumable: count })
      .describe("under way, or cut off within the last five minutes; the resumable ones that are open"),
    trash: count.describe("objects that are about to be deleted"),
  })
  .meta({ ref: "Queue" });
export type QueueView = z.output<typeof QueueView>;

const ERROR_CODE_MAX = 64;
const errorCode = z.string().max(ERROR_CODE_MAX).optional();

/** `GET /api/admin/jobs?status&errorCode&limit&cursor`. */
export const JobQuery = Paging.extend({ status: ImageStatus.default("failed"), errorCode });
export type JobQuery = z.output<typeof JobQuery>;

/** A resize job as those see it who look after the deployment. */
export const AdminJobView = JobView.extend({
  userId: z.string(),
  errorCode: z.string().nullable(),
  canBeRedriven: z.boolean().describe("whether it has failed and nothing was made in its place yet"),
}).meta({ ref: "AdminJob" });
export type AdminJobView = z.output<typeof AdminJobView>;

/** `POST /api/admin/jobs/redrive`: which failed jobs; all without a code. */
export const Redrive = z
  .strictObject({ errorCode })
  .meta({ ref: "Redrive", examples: [{ errorCode: "out_of_attempts" }] });

export const RedriveResult = z
  .object({ redriven: count, left: count.describe("that could be redriven too: call again") })
  .meta({ ref: "RedriveResult" });
export type RedriveResult = z.output<typeof RedriveResult>;
