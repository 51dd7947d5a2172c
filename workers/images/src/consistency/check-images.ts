import type { VariantFormat } from "../../../../shared/contracts/variants.ts";
import type { Commit } from "../../../../shared/outbox/commit.ts";
import type { ImagesRepo } from "../images/images.repo.ts";
import { newJob } from "../uploads/ingest.ts";
import type { ConsistencyRepo } from "./consistency.repo.ts";
import { noteRepairs, type Place, type Run } from "./report.ts";

export interface CheckImagesDeps {
  rows: Pick<ConsistencyRepo, "countImages" | "discardDeadAttempts" | "oddImages" | "pageEnd" | "remake">;
  images: Pick<ImagesRepo, "findWhole">;
  commit: Commit;
  /** What sizes are stored as where an image has none to tell. */
  formats: VariantFormat[];
}

/** Images of one step: some 15,000 rows are read for them, which takes some tens of milliseconds. */
const PAGE = 5_000;
/** Each repair asks the database twice, and a turn may ask 50 times. */
const REPAIRS_MAX = 15;

/** Compares a page of images with their jobs and sizes. @returns where to go on */
export async function checkImages(deps: CheckImagesDeps, { report, place }: Run): Promise<Place> {
  const end = await deps.rows.pageEnd(place.after, PAGE);
  const odd = await deps.rows.oddImages(place.after, end, REPAIRS_MAX);
  for (const { id, status } of odd) {
    if (!(await remakeImage(deps, id))) continue;
    noteRepairs(report, status === "complete" ? "incomplete_image" : "stuck_image", [id]);
  }
  const last = odd.length < REPAIRS_MAX ? end : (odd.at(-1)?.id ?? end);
  report.checked.images += await deps.rows.countImages(place.after, last);
  if (last !== null) return { stage: "images", after: last };

  noteRepairs(report, "dead_attempt", await deps.commit(() => deps.rows.discardDeadAttempts()));
  return { stage: "bucket", after: "" };
}

/**
 * Has all sizes of an image made again, in the formats that it had.
 * @returns false where that is not to be done: it is gone, has failed, or a job is at it
 */
export async function remakeImage(
  deps: Pick<CheckImagesDeps, "images" | "commit" | "formats"> & { rows: Pick<ConsistencyRepo, "remake"> },
  id: string,
): Promise<boolean> {
  const whole = await deps.images.findWhole(id);
  if (whole === null || whole.image.status === "failed") return false;
  const { image, variants } = whole;
  const had = [...new Set(variants.map((variant) => variant.format))];
  const next = { id, generation: image.generation + 1 };
  // Nobody's request is behind it.
  const job = newJob(next, "eager", had.length === 0 ? deps.formats : had, { requestId: null, traceparent: null });
  return deps.commit(() => deps.rows.remake(image, job));
}
