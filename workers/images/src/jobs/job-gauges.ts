import type { Sample } from "../../../../shared/contracts/metrics.ts";
import { timeOfId } from "../../../../shared/ids.ts";
import type { JobFigures, OpenJobsRepo } from "./open-jobs.repo.ts";

const HOUR_MS = 3_600_000;
const UNFINISHED = ["pending", "processing", "failed"] as const;
const ALL = [...UNFINISHED, "complete"] as const;

/** Resize jobs by state. The queue holds nothing but nudges, so what waits is counted here. */
export async function jobGauges(jobs: Pick<OpenJobsRepo, "figures">, now = Date.now()): Promise<Sample[]> {
  const { unfinished, recent, oldestOpen } = await jobs.figures(now - HOUR_MS);
  const ageMs = oldestOpen === null ? 0 : Math.max(0, now - timeOfId(oldestOpen));
  return [
    ...samplesOf("halftone_jobs", UNFINISHED, unfinished),
    ...samplesOf("halftone_jobs_of_last_hour", ALL, recent),
    { name: "halftone_jobs_oldest_seconds", labels: {}, value: ageMs / 1_000 },
  ];
}

/** One figure for each state, 0 for those that no job is in. */
function samplesOf(name: Sample["name"], states: readonly string[], counts: JobFigures["recent"]): Sample[] {
  return states.map((status) => ({
    name,
    labels: { status },
    value: counts.find((counted) => counted.status === status)?.jobs ?? 0,
  }));
}
