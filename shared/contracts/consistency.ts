import * as z from "zod";
import { duration } from "../settings.ts";

/** What rows, objects and jobs may contradict each other in, and what is done about it. */
export const FINDINGS = {
  stray_object: "an object that no row names was deleted",
  lost_original: "the original of a file is gone: the file is marked lost, its photo as failed",
  lost_size: "the object of a size is gone: the photo's sizes are made again",
  incomplete_image: "a photo was complete without all its sizes: they are made again",
  stuck_image: "a photo waited without an open job: it has a new one",
  dead_attempt: "an attempt that is over had left a size: it was deleted",
} as const;
export type FindingKind = keyof typeof FINDINGS;

const FindingKind = z.enum(Object.keys(FINDINGS).filter(isFindingKind));

function isFindingKind(text: string): text is FindingKind {
  return Object.hasOwn(FINDINGS, text);
}

const DAY_MS = 24 * 60 * 60_000;
const AGE_MAX_MS = 30 * DAY_MS;

function isAge(text: string): boolean {
  const ms = duration.safeParse(text);
  return ms.success && ms.data <= AGE_MAX_MS;
}

/** `POST /api/admin/fsck`: how old an object without a row must be to be deleted. */
export const NewCheck = z
  .strictObject({ olderThan: z.string().refine(isAge, "write 0s to 30d, such as 1h").default("1h") })
  .meta({ ref: "NewCheck", examples: [{ olderThan: "1h" }] });

/** One run of the check. */
export const CheckReport = z
  .object({
    id: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    checked: z.object({ images: z.number().int(), objects: z.number().int() }),
    repaired: z.partialRecord(FindingKind, z.number().int()).describe("how many of each kind were found and put right"),
    left: z.number().int().describe("objects without a row that were too young to be judged"),
    findings: z
      .array(z.object({ kind: FindingKind, subject: z.string().describe("the key of an object, or a photo's id") }))
      .describe("the first hundred of what was repaired"),
  })
  .meta({ ref: "CheckReport" });
export type CheckReport = z.output<typeof CheckReport>;

/** `GET /api/admin/fsck`: the run that is under way, and the last one that ended. */
export const Checks = z
  .object({ running: CheckReport.nullable(), last: CheckReport.nullable() })
  .meta({ ref: "ConsistencyChecks" });
export type Checks = z.output<typeof Checks>;
