import { DurableObject } from "cloudflare:workers";
import type { DeliveryStatus, DisabledReason } from "../../../../shared/contracts/webhooks.ts";
import { createLogger, describeError } from "../../../../shared/log.ts";
import { committer, RELAY_NAME } from "../../../../shared/outbox/commit.ts";
import { type Env, readSettings } from "../env.ts";
import type { StoredWebhook } from "../schema.ts";
import { disableWebhook } from "../webhooks/disable-webhook.ts";
import { WebhooksRepo } from "../webhooks/webhooks.repo.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { attemptDelivery } from "./attempt-delivery.ts";
import { DeliveriesRepo, type Delivery, type LoggedDelivery, type QueuedEvent } from "./deliveries.repo.ts";
import { Housekeeping } from "./housekeeping.ts";
import { QueueMemory } from "./queue-memory.ts";
import type { Outcome } from "./send.ts";
import { sendTimes } from "./send-times.ts";
import { settleAttempt } from "./settle-attempt.ts";
import { isHopeless, slotsOf, WELL } from "./webhook-health.ts";

/** An attempt that has not ended this long after its time was cut off together with who made it. */
const CUT_OFF_AFTER_MS = 5_000;
/** More than this never gets away again. The feed has all of it. */
const QUEUE_MAX = 100_000;

/**
 * The queue of one webhook: what it is to be told, and what became of it. Nobody waits for it but those who write to it
 * and are answered at once, so a webhook that hangs holds up none but itself. The webhook's row in D1 says where to
 * and whether at all; it is read before every turn, and an object whose row is gone empties itself.
 */
export class WebhookQueue extends DurableObject<Env> {
  readonly #log = createLogger(this.env);
  readonly #webhooks = new WebhooksRepo(this.env.DB);
  readonly #settings = readSettings(this.env);
  readonly #memory = new QueueMemory(this.ctx.storage.kv);
  readonly #housekeeping = new Housekeeping(this.#memory);
  readonly #clock = new AlarmClock(this.ctx.storage);
  #opened: DeliveriesRepo | null = null;
  #isGone = false;
  /** Deliveries under way, and until when each may be. After a crash nothing is: all of it is due and sent again. */
  readonly #underWay = new Map<string, number>();

  /**
   * Queues events in the order of the log; returning is the acknowledgement. An event that came before changes nothing,
   * however long ago it was delivered and forgotten.
   */
  enqueue(webhookId: string, events: QueuedEvent[]): void {
    if (this.#isGone) return;
    this.#memory.webhookId = webhookId;
    for (const event of events) {
      if (event.index !== null && event.index <= this.#memory.through) continue;
      this.#memory.through = event.index ?? this.#memory.through;
      this.#deliveries.add(event, Date.now());
    }
    this.#changed();
  }

  /** Queues a test. Answers false while an earlier one is still on its way. */
  queueTest(webhookId: string, event: QueuedEvent): boolean {
    if (this.#deliveries.hasOpen(event.resource)) return false;
    this.#tryAtOnce();
    this.enqueue(webhookId, [event]);
    return true;
  }

  /** Sends a delivery again, or at once. Answers it as it is then, null where there is none. */
  redeliver(id: string): Delivery | null {
    if (this.#deliveries.find(id) === null) return null;
    this.#deliveries.sendAgain(id, Date.now());
    this.#tryAtOnce();
    this.#changed();
    return this.#deliveries.find(id);
  }

  /** Its owner has changed the webhook: what waits begins afresh. */
  changed(): void {
    this.#deliveries.beginAfresh(Date.now());
    this.#memory.health = WELL;
    this.#changed();
  }

  list(status: DeliveryStatus | null, before: string | null, limit: number): Delivery[] {
    return this.#deliveries.list(status, before, limit);
  }

  find(id: string): LoggedDelivery | null {
    const delivery = this.#deliveries.find(id);
    return delivery === null ? null : this.#logged(delivery);
  }

  /** Some of the log behind a delivery, oldest first, without what was sent. @param after null for the beginning */
  logAfter(after: string | null, limit: number): LoggedDelivery[] {
    return this.#deliveries.listAfter(after, limit).map((delivery) => this.#logged(delivery));
  }

  /** Deletes everything, for a webhook that is gone. */
  async empty(): Promise<void> {
    this.#isGone = true;
    this.#opened = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  override async alarm(): Promise<void> {
    this.#clock.set([Date.now() + this.#leaseMs]); // First of all: whatever fails below, the alarm comes back.
    await this.#turn();
  }

  get #deliveries(): DeliveriesRepo {
    this.#opened ??= new DeliveriesRepo(this.ctx.storage.sql);
    return this.#opened;
  }

  #logged(delivery: Delivery): LoggedDelivery {
    return { delivery, attempts: this.#deliveries.attemptsOf(delivery.id) };
  }

  get #leaseMs(): number {
    return this.#settings.WEBHOOK_TIMEOUT_MS + CUT_OFF_AFTER_MS;
  }

  /** Whoever asks for an attempt gets it, however the webhook does. */
  #tryAtOnce(): void {
    this.#memory.health = { ...this.#memory.health, restsUntil: 0 };
  }

  /** Something may be due now. The alarm is one commit with what was written, because nothing is awaited before it. */
  #changed(): void {
    this.#housekeeping.demand();
    this.#arm(true);
    this.ctx.waitUntil(this.#turn());
  }

  /** Starts what may be sent. Nothing leaves this method: the alarm tries again. */
  async #turn(): Promise<void> {
    try {
      const { webhookId } = this.#memory;
      if (webhookId === null || this.#isGone) return;
      const webhook = await this.#webhooks.find(webhookId);
      if (webhook === null) return await this.empty();
      if (this.#isGone) return;
      if (webhook.enabled) this.#start(webhook);
      await this.#report(webhook);
      this.#arm(webhook.enabled);
    } catch (error) {
      this.#log.warn("deliveries postponed", { error: describeError(error) });
    }
  }

  #start(webhook: StoredWebhook): void {
    const now = Date.now();
    for (const [id, until] of this.#underWay) if (until < now) this.#underWay.delete(id);
    const { health } = this.#memory;
    if (now < health.restsUntil) return;
    const slots = slotsOf(health);
    for (const delivery of this.#deliveries.due(now, slots + this.#underWay.size)) {
      if (this.#underWay.size >= slots) return;
      if (this.#underWay.has(delivery.id)) continue;
      this.#underWay.set(delivery.id, now + this.#leaseMs);
      this.ctx.waitUntil(this.#attempt(webhook, delivery));
    }
  }

  async #attempt(webhook: StoredWebhook, delivery: Delivery): Promise<void> {
    try {
      const outcome = await attemptDelivery(this.#settings, webhook, delivery);
      if (this.#isGone) return;
      const deps = { deliveries: this.#deliveries, memory: this.#memory };
      settleAttempt(deps, delivery.id, webhook.url, outcome, Date.now());
      this.#housekeeping.demand();
      await this.#disableIfDue(webhook, outcome);
    } catch (error) {
      // What broke here is not the receiver's doing and would break again at once: it is left to the alarm.
      this.#log.error("delivery not settled", { webhook: webhook.id, error: describeError(error) });
      return;
    } finally {
      this.#underWay.delete(delivery.id);
    }
    await this.#turn();
  }

  async #disableIfDue(webhook: StoredWebhook, outcome: Outcome): Promise<void> {
    if (outcome.answer?.status === 410) await this.#disable(webhook, "gone");
    else if (isHopeless(this.#memory.health, Date.now())) await this.#disable(webhook, "failing");
  }

  async #disable(webhook: StoredWebhook, reason: Exclude<DisabledReason, "owner">): Promise<void> {
    const commit = committer(this.env.RELAY.getByName(RELAY_NAME), this.ctx);
    const isDisabled = await disableWebhook({ webhooks: this.#webhooks, commit }, webhook, reason);
    if (isDisabled) this.#log.warn("webhook disabled", { webhook: webhook.id, reason });
  }

  /** Writes down for all to see what waits here. */
  async #report(webhook: StoredWebhook): Promise<void> {
    const figures = this.#housekeeping.run(this.#deliveries, Date.now());
    if (figures === null) return;
    await this.#webhooks.report(webhook.id, figures);
    if (this.#isGone) return;
    this.#housekeeping.noteReported(figures);
    if (figures.waiting > QUEUE_MAX && webhook.enabled) await this.#disable(webhook, "queue_full");
  }

  /** Sets the alarm to when there is something to do next. */
  #arm(isEnabled: boolean): void {
    const now = Date.now();
    const { restsUntil } = this.#memory.health;
    const waiting = { ...this.#deliveries.nextDue(now), isEnabled, restsUntil, leaseMs: this.#leaseMs };
    this.#clock.set([...sendTimes(waiting, now), ...this.#housekeeping.times(this.#deliveries, now)]);
  }
}
