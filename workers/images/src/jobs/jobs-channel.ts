import type { ResizeNudge } from "../../../../shared/contracts/rpc.ts";
import type { Channel } from "../../../../shared/outbox/relay.do.ts";
import type { DueJob, OpenJobsRepo } from "./open-jobs.repo.ts";

/** More messages in flight than a lease can work off would all be sent again. */
const IN_FLIGHT_MAX = 32;
/** A message that nobody answers is repeated ever more slowly, up to this many leases apart. */
const BACKOFF_MAX = 64;

/** The part of a queue that is needed. */
interface ResizeQueue {
  sendBatch(messages: Iterable<MessageSendRequest<ResizeNudge>>): Promise<unknown>;
}

interface Nudged {
  /** How often the job had been claimed then: a higher number shows that the message arrived. */
  attempts: number;
  tries: number;
  /** Unix milliseconds until which the message counts as in flight. */
  until: number;
}

/**
 * Tells the resizer of open jobs that nobody works on. What was sent is remembered in memory only: after a restart
 * every such job is announced again at once, as it should be, for the local queue forgets too.
 */
export class JobsChannel implements Channel {
  readonly #jobs: Pick<OpenJobsRepo, "due" | "hasOpen">;
  readonly #queue: ResizeQueue;
  readonly #leaseMs: number;
  readonly #now: () => number;
  #nudged = new Map<string, Nudged>();

  constructor(jobs: Pick<OpenJobsRepo, "due" | "hasOpen">, queue: ResizeQueue, leaseMs: number, now = Date.now) {
    this.#jobs = jobs;
    this.#queue = queue;
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  async announce(): Promise<boolean> {
    const due = await this.#jobs.due(this.#now(), IN_FLIGHT_MAX);
    const unsent = this.#notInFlight(due);
    if (unsent.length > 0) await this.#send(unsent);
    return due.length > 0 || this.#jobs.hasOpen();
  }

  /** Picks what is to be sent and notes it as sent, in one turn: two announcements at once do not send it twice. */
  #notInFlight(due: DueJob[]): ResizeNudge[] {
    const now = this.#now();
    const unsent: ResizeNudge[] = [];
    const remembered = new Map([...this.#nudged].filter(([, nudged]) => nudged.until > now));
    for (const { id, attempts, requestId, traceparent } of due) {
      const before = this.#nudged.get(id);
      const isSame = before !== undefined && before.attempts === attempts;
      if (isSame && before.until > now) continue;
      const tries = isSame ? before.tries + 1 : 0;
      const until = now + this.#leaseMs * Math.min(2 ** tries, BACKOFF_MAX);
      remembered.set(id, { attempts, tries, until });
      unsent.push({ jobId: id, requestId, traceparent });
    }
    this.#nudged = remembered;
    return unsent;
  }

  async #send(nudges: ResizeNudge[]): Promise<void> {
    try {
      await this.#queue.sendBatch(nudges.map((body) => ({ body })));
    } catch (error) {
      for (const { jobId } of nudges) this.#nudged.delete(jobId);
      throw error;
    }
  }
}
