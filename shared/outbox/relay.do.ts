import { DurableObject } from "cloudflare:workers";
import { createLogger, describeError } from "../log.ts";

export interface RelayBindings {
  SERVICE_NAME: string;
  LOG_LEVEL: string;
  /** Milliseconds between two announcements of the same waiting row. */
  OUTBOX_LEASE_MS: string;
}

/** Something that may have rows waiting and tells whoever must come for them. */
export interface Channel {
  /** Announces what waits. Answers whether anything still waits, so that the relay looks again. */
  announce(): Promise<boolean>;
  /** Somebody came for the rows: what is committed from now on may be announced at once. */
  taken?(): void;
}

/** How long one promise to look holds; isolates that know of it make no call on the request path. */
export const WATCH_MS = 60_000;

/**
 * Makes sure that what a service has committed is announced until it has been taken, whatever dies in between.
 *
 * `watch` promises that an alarm fires after the time it answers, so rows committed before then are seen. Alarms
 * survive `kill -9` and restarts without a request; queue messages locally do not, and cron does not fire under
 * `wrangler dev`. One object per service.
 */
export abstract class RelayObject<Bindings extends RelayBindings> extends DurableObject<Bindings> {
  readonly #leaseMs = Number(this.env.OUTBOX_LEASE_MS);
  readonly #log = createLogger(this.env);
  /** A fresh object does not know what its predecessor promised, so it assumes the most. */
  #watchUntil = Date.now() + WATCH_MS;
  #channels: Channel[] | null = null;

  protected abstract createChannels(leaseMs: number): Channel[];

  /** Promises an alarm after the returned time (Unix milliseconds). */
  async watch(): Promise<number> {
    this.#watchUntil = Date.now() + WATCH_MS;
    if ((await this.ctx.storage.getAlarm()) === null) await this.#armAgain();
    return this.#watchUntil;
  }

  /** Announces at once. Only for speed: the alarm would do it too. */
  async nudge(): Promise<void> {
    await this.#announceAll();
  }

  /** Says that a take has begun. */
  async taken(): Promise<void> {
    for (const channel of this.#openChannels()) channel.taken?.();
  }

  override async alarm(): Promise<void> {
    await this.#armAgain(); // First of all: whatever fails below, the alarm comes back.
    const started = Date.now();
    try {
      const waiting = await this.#announceAll();
      // Compared with the time before the look: a row committed during it was promised a later one.
      if (!waiting && started > this.#watchUntil) await this.ctx.storage.deleteAlarm();
    } catch (error) {
      // A throwing alarm is retried six times and then gone for good, so nothing leaves this method.
      this.#log.error("relay failed", { error: describeError(error) });
    }
  }

  async #announceAll(): Promise<boolean> {
    const waiting = await Promise.all(this.#openChannels().map((channel) => channel.announce()));
    return waiting.includes(true);
  }

  #openChannels(): Channel[] {
    this.#channels ??= this.createChannels(this.#leaseMs);
    return this.#channels;
  }

  async #armAgain(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + this.#leaseMs);
  }
}
