import type { QueueView } from "../../../../shared/contracts/queue.ts";
import { timeOfId } from "../../../../shared/ids.ts";
import type { D1OutboxStore } from "../../../../shared/outbox/d1-store.ts";
import type { OpenJobsRepo } from "../jobs/open-jobs.repo.ts";
import type { QueueRepo } from "./queue.repo.ts";

interface QueueDeps {
  jobs: Pick<OpenJobsRepo, "figures">;
  outbox: Pick<D1OutboxStore, "figures">;
  queue: Pick<QueueRepo, "counts">;
}

/** What waits here. The queues themselves hold nothing but nudges. */
export async function readQueue(deps: QueueDeps, now = Date.now()): Promise<QueueView> {
  const [jobs, events, { trash, ...uploads }] = await Promise.all([
    deps.jobs.figures(now),
    deps.outbox.figures(),
    deps.queue.counts(),
  ]);
  const inState = (status: string) => jobs.unfinished.find((counted) => counted.status === status)?.jobs ?? 0;
  return {
    jobs: {
      pending: inState("pending"),
      processing: inState("processing"),
      failed: inState("failed"),
      oldestSeconds: ageOf(jobs.oldestOpen, now),
    },
    events: { waiting: events.waiting, oldestSeconds: ageOf(events.oldest, now), setAside: events.setAside },
    uploads,
    trash,
  };
}

function ageOf(id: string | null, now: number): number | null {
  return id === null ? null : Math.max(0, now - timeOfId(id)) / 1_000;
}
