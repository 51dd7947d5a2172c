import { DurableObject } from "cloudflare:workers";
import { newId } from "../../../../shared/ids.ts";
import type { Env } from "../env.ts";
import { FailureWindow, type Turn, WINDOW_MS, type WindowState } from "./failure-window.ts";

const STATE = "window";

/**
 * Counts the failed logins of one login name, address or session; there is one object for each. Only failures are
 * stored, so that a right password costs no write, and a restart forgets none of them.
 */
export class LoginLimiter extends DurableObject<Env> {
  readonly #window: FailureWindow;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#window = new FailureWindow(ctx.storage.kv.get<WindowState>(STATE) ?? { failures: [], toldOf: null });
  }

  /** Asks for a place among the `limit` failures that a window admits. Every turn that is given must be ended. */
  take(limit: number, now = Date.now()): Turn {
    const turn = this.#window.take(newId(now), limit, now);
    if (!turn.isGiven && turn.isFirst) this.ctx.storage.kv.put(STATE, this.#window.state);
    return turn;
  }

  async end(attempt: string, hasFailed: boolean, now = Date.now()): Promise<void> {
    this.#window.end(attempt, hasFailed, now);
    if (!hasFailed) return;
    this.ctx.storage.kv.put(STATE, this.#window.state);
    await this.ctx.storage.setAlarm(now + WINDOW_MS);
  }

  /** Guessed names must not fill the disk: with its last failure the object's storage ends too. */
  override async alarm(): Promise<void> {
    if (!this.#window.isEmpty(Date.now())) return; // A failure of this moment has set the next alarm.
    await this.ctx.storage.deleteAll();
  }
}
