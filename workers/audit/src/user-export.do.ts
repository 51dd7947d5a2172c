import { DurableObject } from "cloudflare:workers";
import { DATA_SERVICES, type DataService } from "../../../shared/contracts/personal-data.ts";
import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { createLogger, describeError } from "../../../shared/log.ts";
import { type EventOrigin, newEvent } from "../../../shared/outbox/event.ts";
import type { Env } from "./env.ts";
import { exportLog } from "./personal-data.ts";
import { type ExportJob, type ExportPart, UserExportRepo } from "./user-export.repo.ts";

/** Long enough to fetch it after a holiday's first days; then a copy of everything about somebody is gone again. */
const KEPT_MS = 7 * 86_400_000;

/** Of all parts together: a million entries of a log. An object may hold 10 GB, and nobody opens such a file. */
const EXPORT_MAX_BYTES = 512 * 1024 * 1024;

/** An export with its parts, as it stands. */
export interface ExportState {
  job: ExportJob;
  parts: ExportPart[];
}

type Source = (env: Env, userId: string, cursor: string | null) => Promise<ExportPage>;

const SOURCES: Record<DataService, Source> = {
  auth: (env, userId, cursor) => env.AUTH_PERSONAL_DATA.exportPage(userId, cursor),
  images: (env, userId, cursor) => env.IMAGES_PERSONAL_DATA.exportPage(userId, cursor),
  orders: (env, userId, cursor) => env.ORDERS_PERSONAL_DATA.exportPage(userId, cursor),
  audit: exportLog,
  webhooks: (env, userId, cursor) => env.WEBHOOKS_PERSONAL_DATA.exportPage(userId, cursor),
};

/**
 * The export of one user: a job that an alarm drives. A page and the cursor behind it are one transaction, so a job
 * that is cut off goes on where it was, without a gap and without a line twice.
 */
export class UserExport extends DurableObject<Env> {
  readonly #export = new UserExportRepo(this.ctx.storage.sql);
  readonly #log = createLogger(this.env);

  /** Starts an export, unless one is running: that one is answered. It takes the place of an earlier one. */
  start(userId: string, id: string, origin: EventOrigin, now = Date.now()): ExportState {
    const current = this.#export.find();
    if (current?.status === "running") return this.#stateOf(current);
    const expiresAt = now + KEPT_MS;
    const job: ExportJob = { id, userId, status: "running", reason: null, startedAt: now, doneAt: null, expiresAt };
    const event = newEvent(origin, { type: "user.exported", account: userId, resource: id, sequence: 1 }, now);
    this.#export.replace(job, event);
    this.ctx.storage.setAlarm(now);
    return this.#stateOf(job);
  }

  /** The export there is, null when there is none, or none any more. */
  latest(): ExportState | null {
    const job = this.#export.find();
    return job === null ? null : this.#stateOf(job);
  }

  /** The export of this id, null when there is none, or none any more. */
  find(id: string): ExportState | null {
    const state = this.latest();
    return state?.job.id === id ? state : null;
  }

  /** The lines of one page of a part, from 0; null behind the last. */
  chunk(id: string, service: DataService, number: number): string | null {
    return this.#export.find()?.id === id ? this.#export.chunk(service, number) : null;
  }

  /** Deletes the export, for somebody whose account is erased. One that is being collected finds itself gone. */
  erase(): void {
    this.#export.delete();
    this.ctx.storage.deleteAlarm();
  }

  override async alarm(): Promise<void> {
    const job = this.#export.find();
    if (job === null) return;
    if (job.expiresAt <= Date.now()) {
      this.#export.delete();
      return;
    }
    // First of all: whatever fails below, the alarm comes back.
    this.ctx.storage.setAlarm(Date.now() + Number(this.env.OUTBOX_LEASE_MS));
    try {
      if (job.status === "running") await this.#collect(job);
      if (this.#isCurrent(job)) this.ctx.storage.setAlarm(job.expiresAt);
    } catch (error) {
      this.#log.warn("export postponed", { exportId: job.id, error: describeError(error) });
    }
  }

  async #collect(job: ExportJob): Promise<void> {
    await this.#tellLog(job);
    for (const service of DATA_SERVICES) await this.#collectPart(job, service);
    if (this.#isRunning(job)) this.#export.finish(Date.now());
  }

  /** Before anything is read: no copy of everything about somebody is made without a trace of who asked for it. */
  async #tellLog(job: ExportJob): Promise<void> {
    const event = this.#export.unlogged();
    if (event === null) return;
    const { refused } = await this.env.LOG.getByName(job.userId).append([event]);
    if (refused.length > 0) throw new Error(`The log refused it: ${refused[0]?.reason}`);
    if (this.#isCurrent(job)) this.#export.noteLogged();
  }

  async #collectPart(job: ExportJob, service: DataService): Promise<void> {
    for (;;) {
      const part = this.#export.parts().find((candidate) => candidate.service === service);
      if (!this.#isRunning(job) || part === undefined || part.isDone) return;
      const page = await SOURCES[service](this.env, job.userId, part.cursor);
      // It may have been erased meanwhile. From here on nothing is awaited: page and cursor are one transaction.
      if (this.#isRunning(job)) this.#keep(service, page);
    }
  }

  #keep(service: DataService, page: ExportPage): void {
    const pageBytes = new TextEncoder().encode(page.lines).byteLength;
    const before = this.#export.parts().reduce((sum, part) => sum + part.bytes, 0);
    if (before + pageBytes > EXPORT_MAX_BYTES) {
      this.#export.fail(`There are more than ${EXPORT_MAX_BYTES} bytes.`, Date.now());
      return;
    }
    this.#export.addPage(service, page, pageBytes);
  }

  #isCurrent({ id }: ExportJob): boolean {
    return this.#export.find()?.id === id;
  }

  #isRunning(job: ExportJob): boolean {
    return this.#isCurrent(job) && this.#export.find()?.status === "running";
  }

  #stateOf(job: ExportJob): ExportState {
    return { job, parts: this.#export.parts() };
  }
}
