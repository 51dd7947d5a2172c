import type { DeliveriesRepo, Delivery } from "./deliveries.repo.ts";
import type { QueueMemory } from "./queue-memory.ts";
import { GIVEN_UP_AFTER_MS, nextTryAt } from "./retry-times.ts";
import type { Outcome } from "./send.ts";
import { afterFailure, isResting, WELL } from "./webhook-health.ts";

interface SettleDeps {
  deliveries: DeliveriesRepo;
  memory: QueueMemory;
}

/**
 * Writes down how an attempt at a delivery ended, and what is to become of it. Nothing is awaited: it is one commit.
 * @param url where it went
 */
export function settleAttempt(deps: SettleDeps, id: string, url: string, outcome: Outcome, now: number): void {
  const { deliveries, memory } = deps;
  // As it is now: it may have been asked for again during the attempt.
  const delivery = deliveries.find(id);
  if (delivery === null) return;
  deliveries.addAttempt(delivery, url, outcome);
  const { health } = memory;
  if (outcome.reason !== null) {
    memory.health = afterFailure(health, now);
    // Another attempt may have delivered it, where this one counted as cut off.
    if (delivery.settledAt === null) postponeOrGiveUp(deliveries, delivery, outcome, now);
    return;
  }
  deliveries.settle(delivery, "delivered", now);
  if (isResting(health)) deliveries.makeAllDue(now);
  if (health.failures > 0) memory.health = WELL;
}

function postponeOrGiveUp(deliveries: DeliveriesRepo, delivery: Delivery, outcome: Outcome, now: number): void {
  const endsAt = (delivery.firstTryAt ?? outcome.startedAt) + GIVEN_UP_AFTER_MS;
  const retryAfter = outcome.answer?.headers["retry-after"] ?? null;
  if (now >= endsAt) deliveries.settle(delivery, "failed", now);
  else deliveries.postpone(delivery, Math.min(nextTryAt(now, delivery.tries + 1, retryAfter), endsAt));
}
