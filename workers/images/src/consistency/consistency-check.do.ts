import { DurableObject } from "cloudflare:workers";
import type { CheckReport, Checks } from "../../../../shared/contracts/consistency.ts";
import { createLogger, describeError } from "../../../../shared/log.ts";
import { RELAY_NAME, watcher } from "../../../../shared/outbox/commit.ts";
import { type Env, readSettings } from "../env.ts";
import { FilesRepo } from "../files/files.repo.ts";
import { ImagesRepo } from "../images/images.repo.ts";
import { Objects } from "../storage/objects.ts";
import { TrashRepo } from "../storage/trash.repo.ts";
import { type CheckBucketDeps, checkBucket } from "./check-bucket.ts";
import { checkImages } from "./check-images.ts";
import { ConsistencyRepo } from "./consistency.repo.ts";
import { newRun, type Place, type Run, repairsIn } from "./report.ts";

/** The check of a deployment is one object under this name. */
export const CHECK_NAME = "check";
/** From the end of a run to the beginning of the next. */
const EVERY_MS = 24 * 60 * 60_000;
/** When a step that failed is tried again. */
const AGAIN_MS = 10_000;
/** How old an object without a row must be where nobody says. Longer than any request takes, by far. */
const OLDER_THAN_MS = 60 * 60_000;

const RUN = "run";
const LAST = "last";

/**
 * Compares rows, objects and jobs once a day, or when asked, and puts right what does not fit. Each turn of the alarm is
 * one step of at most 50 calls, and the place it came to is stored: a kill costs one step, which may be repeated.
 */
export class ConsistencyCheck extends DurableObject<Env> {
  readonly #log = createLogger(this.env);

  /** Sees to it that there will be a run. */
  async keepWatch(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + EVERY_MS);
  }

  /** Begins a run, unless one is under way. @param olderThanMs how old an object without a row must be to be deleted */
  async start(olderThanMs: number): Promise<Checks> {
    if (this.#run() === null) {
      this.ctx.storage.kv.put<Run>(RUN, newRun(olderThanMs));
      await this.ctx.storage.setAlarm(Date.now());
    }
    return this.reports();
  }

  reports(): Checks {
    return { running: this.#run()?.report ?? null, last: this.ctx.storage.kv.get<CheckReport>(LAST) ?? null };
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + AGAIN_MS); // First of all: whatever fails below, the alarm comes back.
    try {
      const run = this.#run() ?? newRun(OLDER_THAN_MS);
      const next = await this.#takeStep(run);
      if (next === null) await this.#finish(run.report);
      else await this.#goOn({ ...run, place: next });
    } catch (error) {
      this.#log.error("consistency not checked", { error: describeError(error) });
    }
  }

  async #takeStep(run: Run): Promise<Place | null> {
    const before = repairsIn(run.report);
    const deps = this.#deps();
    const next = run.place.stage === "images" ? await checkImages(deps, run) : await checkBucket(deps, run);
    // Only for speed, and once however many repairs there were.
    if (repairsIn(run.report) > before) await this.env.RELAY.getByName(RELAY_NAME).nudge();
    return next;
  }

  #deps(): CheckBucketDeps & Parameters<typeof checkImages>[0] {
    const { DB, BUCKET, RELAY } = this.env;
    const { VARIANT_FORMATS, STORAGE_PATH } = readSettings(this.env);
    return {
      rows: new ConsistencyRepo(DB),
      files: new FilesRepo(DB),
      images: new ImagesRepo(DB),
      objects: new Objects(BUCKET),
      trash: new TrashRepo(DB),
      commit: watcher(RELAY.getByName(RELAY_NAME)),
      formats: VARIANT_FORMATS,
      storagePath: STORAGE_PATH,
    };
  }

  async #goOn(run: Run): Promise<void> {
    this.ctx.storage.kv.put<Run>(RUN, run);
    await this.ctx.storage.setAlarm(Date.now());
  }

  async #finish(report: CheckReport): Promise<void> {
    const finished = { ...report, finishedAt: new Date().toISOString() };
    this.ctx.storage.kv.put<CheckReport>(LAST, finished);
    this.ctx.storage.kv.delete(RUN);
    await this.ctx.storage.setAlarm(Date.now() + EVERY_MS);
    const { images, objects } = report.checked;
    const figures = { images, objects, repairs: repairsIn(report), left: report.left };
    if (figures.repairs > 0) this.#log.warn("consistency repaired", figures);
    else this.#log.info("consistency checked", figures);
  }

  #run(): Run | null {
    return this.ctx.storage.kv.get<Run>(RUN) ?? null;
  }
}
