import type { AttemptView, DeliveryDetails, DeliveryView } from "../../../../shared/contracts/webhooks.ts";
import type { Delivery, KeptAttempt, LoggedDelivery } from "./deliveries.repo.ts";

const iso = (ms: number) => new Date(ms).toISOString();

export function viewDelivery(delivery: Delivery): DeliveryView {
  const { id, index, type, resource, state, attempts, dueAt, createdAt, settledAt } = delivery;
  return {
    id,
    index,
    type,
    resource,
    status: state === "behind" ? "waiting" : state,
    attempts,
    nextAttemptAt: state === "waiting" ? iso(dueAt) : null,
    createdAt: iso(createdAt),
    settledAt: settledAt === null ? null : iso(settledAt),
  };
}

export function viewDetails(delivery: Delivery, attempts: KeptAttempt[]): DeliveryDetails {
  return {
    ...viewDelivery(delivery),
    event: JSON.parse(delivery.body),
    log: attempts.map((attempt) => viewAttempt(delivery.id, attempt)),
  };
}

/**
 * A delivery as its owner's export tells it. The event is told by itself; what receivers wrote in answer is theirs, and
 * could be hundreds of megabytes.
 */
export function viewLogged({ delivery, attempts }: LoggedDelivery) {
  const log = attempts.map(({ number, url, outcome: { startedAt, durationMs, answer, reason } }) => {
    return { number, startedAt: iso(startedAt), durationMs, url, status: answer?.status ?? null, reason };
  });
  return { ...viewDelivery(delivery), log };
}

/** The signature is left out: whoever reads the log must not be able to send the same once more. */
function viewAttempt(id: string, { number, url, outcome }: KeptAttempt): AttemptView {
  const { startedAt, durationMs, answer, reason } = outcome;
  const headers = { "webhook-id": id, "webhook-timestamp": String(Math.floor(startedAt / 1_000)) };
  return { number, startedAt: iso(startedAt), durationMs, request: { url, headers }, answer, reason };
}
