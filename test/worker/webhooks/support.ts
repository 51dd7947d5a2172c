import { runInDurableObject } from "cloudflare:test";
import { env as bindings, exports } from "cloudflare:workers";
import { expect, inject, onTestFinished, vi } from "vitest";
import type { LoggedEvent, PersonalDataApi, WebhooksApi } from "../../../shared/contracts/rpc.ts";
import type {
  DeliveryDetails,
  DeliveryView,
  NewWebhook,
  WebhookView,
  WebhookWithSecret,
} from "../../../shared/contracts/webhooks.ts";
import { newId } from "../../../shared/ids.ts";
import { type EventFacts, newEvent } from "../../../shared/outbox/event.ts";
import type { Env } from "../../../workers/webhooks/src/env.ts";
import { call } from "../call.ts";
import type { Person } from "../sign-in.ts";
import type { Received } from "./receiver.ts";

export const env = bindings as unknown as Env;
export const doors = exports as unknown as { WebhooksService: WebhooksApi; PersonalDataService: PersonalDataApi };

export const ORIGIN = {
  sessionId: "a-session",
  keyId: null,
  ip: "203.0.113.7",
  userAgent: "Mozilla/5.0",
  requestId: null,
};

/** Most of these tests wait for sockets and alarms, on a machine that may be busy. */
vi.setConfig({ testTimeout: 30_000 });

/** An event that stands in somebody's log. */
export function loggedEvent(account: string, index: number, facts: Partial<EventFacts> = {}): LoggedEvent {
  const usual = { type: "order.created", account, resource: newId(), sequence: 1, metadata: { quantity: 2 } } as const;
  return { ...newEvent({ ...ORIGIN, userId: account }, { ...usual, ...facts }), index };
}

/** A place of the receiver, which behaves in one way until it is told to behave in another. */
export class Box {
  readonly #name = newId();
  readonly url: string;

  constructor(behaviour = "ok") {
    this.url = `${inject("receiverUrl")}/${behaviour}/${this.#name}`;
  }

  async become(behaviour: string): Promise<void> {
    await fetch(`${inject("receiverUrl")}/${behaviour}/${this.#name}`, { method: "PUT" });
  }

  async received(): Promise<Received[]> {
    return (await fetch(`${inject("receiverUrl")}/inbox/${this.#name}`)).json();
  }

  /** Waits until so many POSTs have come. */
  async receives(count: number): Promise<Received[]> {
    return eventually(async () => {
      const received = await this.received();
      expect(received.length).toBeGreaterThanOrEqual(count);
      return received;
    });
  }
}

/** Waits for what a queue brings about: longer than it takes with one retry. */
export function eventually<T>(look: () => Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 15_000, interval: 25 });
}

export async function makeWebhook(
  as: Person,
  url: string,
  input: Partial<NewWebhook> = {},
): Promise<WebhookWithSecret> {
  const response = await call("/api/webhooks", { as, json: { url, ...input } });
  expect(response.status).toBe(201);
  return response.json();
}

export async function readWebhook(as: Person, id: string): Promise<WebhookView> {
  return (await call(`/api/webhooks/${id}`, { as })).json();
}

export async function deliveries(as: Person, id: string, query = ""): Promise<DeliveryView[]> {
  const response = await call(`/api/webhooks/${id}/deliveries${query}`, { as });
  expect(response.status).toBe(200);
  return response.json();
}

export async function delivery(as: Person, id: string, deliveryId: string): Promise<DeliveryDetails> {
  const response = await call(`/api/webhooks/${id}/deliveries/${deliveryId}`, { as });
  expect(response.status).toBe(200);
  return response.json();
}

/** Waits until the only delivery of a webhook has failed so often. */
export function failedOnce(as: Person, id: string, attempts = 1): Promise<DeliveryDetails> {
  return eventually(async () => {
    const [first] = await deliveries(as, id);
    expect(first?.attempts).toBe(attempts);
    return delivery(as, id, first?.id ?? "");
  });
}

/** How often it is looked whether a test has said that an attempt's time is over. */
const CLOCK_LOOK_MS = 20;

/**
 * Holds the clock of attempts, so that a receiver may hang and a machine be as slow as they like.
 * @returns lets the time of those under way be over, and the clock of others run again
 */
export function holdTheClock(): () => void {
  let isOver = false;
  const held = vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    // Aborted by whoever asked for it: the runtime lets nobody else.
    const clock = new AbortController();
    const look = setInterval(() => {
      if (!isOver) return;
      clearInterval(look);
      clock.abort();
    }, CLOCK_LOOK_MS);
    return clock.signal;
  });
  const endTime = () => {
    isOver = true;
    held.mockRestore();
  };
  onTestFinished(endTime);
  return endTime;
}

/** Runs SQL in a webhook's queue, such as to let time pass for its deliveries. */
export function inQueue(id: string, sql: string): Promise<unknown[]> {
  const queue = env.WEBHOOK_QUEUES.getByName(id);
  return runInDurableObject(queue, (_instance, state) => state.storage.sql.exec(sql).toArray());
}

/** Has everything that waits tried now. */
export async function tryNow(id: string): Promise<void> {
  await inQueue(id, "UPDATE delivery SET due_at = 0");
  const queue = env.WEBHOOK_QUEUES.getByName(id);
  await runInDurableObject(queue, async (instance) => instance.alarm());
}
