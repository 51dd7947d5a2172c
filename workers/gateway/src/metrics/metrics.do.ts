import { DurableObject } from "cloudflare:workers";
import type { SeriesName } from "../../../../shared/contracts/metrics.ts";
import { MetricsRepo, type SeriesCount } from "./metrics.repo.ts";

const FLUSHES: SeriesName = "halftone_metrics_flushes_total";
const FLUSH: SeriesCount = { key: JSON.stringify([FLUSHES, {}]), value: 1 };

/** A part of what all isolates have counted. */
export class Metrics extends DurableObject {
  readonly #series = new MetricsRepo(this.ctx.storage.sql);

  /** Adds what one isolate has counted, all of it or nothing. */
  add(counts: SeriesCount[]): void {
    this.ctx.storage.transactionSync(() => this.#series.add([...counts, FLUSH]));
  }

  read(): SeriesCount[] {
    return this.#series.all();
  }
}
