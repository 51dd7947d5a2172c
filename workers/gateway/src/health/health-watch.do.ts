import { DurableObject } from "cloudflare:workers";
import type { Health } from "../../../../shared/http/health.ts";
import { createLogger, describeError } from "../../../../shared/log.ts";
import { type Env, readSettings } from "../env.ts";
import { askServices } from "./health.ts";
import { type HealthChange, healthChanges, postAlert } from "./health-alert.ts";

/** A state that lasts less than this may pass unseen. */
const LOOK_EVERY_MS = 30_000;

/** The state that was told last, by service. */
const TOLD = "told";

/**
 * Looks at all services again and again and tells `ALERT_WEBHOOK_URL` what has changed (S1.103). One object, so that
 * each change is told once however many isolates there are; an alarm, because it also fires when nobody comes.
 */
export class HealthWatch extends DurableObject<Env> {
  readonly #log = createLogger(this.env);

  /** Watches from now on. Asking again changes nothing. */
  async start(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.#armAgain();
  }

  override async alarm(): Promise<void> {
    const { ALERT_WEBHOOK_URL } = readSettings(this.env);
    if (ALERT_WEBHOOK_URL === undefined) return;
    await this.#armAgain(); // First of all: whatever fails below, the alarm comes back.
    try {
      await this.#look(ALERT_WEBHOOK_URL);
    } catch (error) {
      // What could not be told is told by a later look, if it is still so.
      this.#log.error("health not told", { error: describeError(error) });
    }
  }

  async #look(url: string): Promise<void> {
    const report = await askServices(this.env);
    const told = this.ctx.storage.kv.get<Record<string, Health>>(TOLD) ?? {};
    const changes = healthChanges(told, report);
    if (changes.length === 0) return;
    this.#logAll(changes);
    await postAlert(url, report, changes);
    const states = Object.entries(report.services).map(([name, { status }]) => [name, status] as const);
    this.ctx.storage.kv.put(TOLD, Object.fromEntries(states));
  }

  #logAll(changes: HealthChange[]): void {
    for (const { service, from, to } of changes) this.#log.warn("health changed", { about: service, from, to });
  }

  async #armAgain(): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + LOOK_EVERY_MS);
  }
}
