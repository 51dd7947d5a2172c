import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Halftone, startHalftone } from "../../scripts/lib/halftone.mjs";
import { seededRandom } from "../random.ts";
import { Client } from "../system/support/client.ts";
import { Disk } from "../system/support/disk.ts";
import { Journal } from "./journal.ts";
import { type LoadDeps, load, Photos } from "./load.ts";
import { Receiver, TOLD_OF } from "./receiver.ts";

/** One log each, and one webhook each. */
const PEOPLE = 3;
/** No kill comes sooner after the first request. */
const LIFE_MIN_MS = 200;
/** A run may take longer than a token lives by itself; nobody may have more requests than all of these together. */
const VARS = { LOG_LEVEL: "error", RATE_LIMIT: "10000000", JWT_ACCESS_EXPIRE: "6h" };
const COUNT_EVERY_MS = 50;

export interface ChaosOptions {
  /** An empty folder. */
  folder: string;
  /** The same times between start and kill in every run with the same seed. */
  seed: number;
  /** The longest that a copy lives. */
  lifeMaxMs: number;
}

/** A copy of the product that is killed again and again while people use it. */
export class Chaos {
  readonly receiver = new Receiver();
  readonly folder: string;
  readonly disk: Disk;
  readonly journal: Journal;
  readonly #options: ChaosOptions;
  readonly #lifeTimes: () => number;
  #deps: LoadDeps | null = null;
  #running: Halftone | null = null;
  #port = 0;
  #startedAt = 0;

  constructor(options: ChaosOptions) {
    this.#options = options;
    // A sequence of its own: how often the load draws is another number in every run.
    this.#lifeTimes = seededRandom(options.seed);
    this.folder = options.folder;
    this.disk = new Disk(options.folder);
    this.journal = new Journal(join(options.folder, "acknowledged.jsonl"));
  }

  /** When the last start began (Unix milliseconds). */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Starts a copy; the first time with people and their webhooks. @param admin whether fsck may come. @returns those people */
  async start({ admin = false } = {}): Promise<Client[]> {
    this.#startedAt = Date.now();
    // Always on the same port: their addresses stay what they are.
    this.#running = await startHalftone({
      state: this.folder,
      port: this.#port,
      bundled: true,
      admin,
      vars: VARS,
    });
    this.#port = this.#running.port;
    this.#deps ??= await this.#invite(this.#running.url);
    return this.#deps.people;
  }

  /**
   * Lets people ask for a random time, counted from when `behind` have been acknowledged in all runs of this copy, and
   * longer until `atLeast` have; then kills everything.
   */
  async live({ behind = 0, atLeast = 0 } = {}): Promise<void> {
    if (this.#deps === null || this.#running === null) throw new Error("Nothing has been started.");
    const killing = new AbortController();
    const asking = load(this.#deps, killing.signal);
    await this.#acknowledged(behind);
    await sleep(LIFE_MIN_MS + this.#lifeTimes() * (this.#options.lifeMaxMs - LIFE_MIN_MS));
    await this.#acknowledged(atLeast);
    killing.abort();
    await this.kill();
    await asking;
    this.receiver.recover();
  }

  /** Ends all of it, the receiver too. */
  async close(): Promise<void> {
    await this.kill();
    this.receiver.close();
  }

  /** Ends every process at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.#running?.kill();
    this.#running = null;
  }

  async #acknowledged(count: number): Promise<void> {
    while (this.journal.acknowledged < count) await sleep(COUNT_EVERY_MS);
  }

  async #invite(url: string): Promise<LoadDeps> {
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => Client.signUp(url)));
    const hook = { url: await this.receiver.listen(), events: TOLD_OF };
    for (const client of people) {
      const answer = await client.send("POST", "/api/webhooks", hook);
      if (answer.status !== 201) throw new Error(`A webhook answered ${answer.status}: ${await answer.text()}`);
    }
    const random = seededRandom(this.#options.seed + 1);
    return { people, journal: this.journal, photos: await Photos.prepare(random), random, unheard: [] };
  }
}
