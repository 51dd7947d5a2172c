import { env as bindings } from "cloudflare:workers";
import type { DomainEvent, EventType } from "../../../shared/contracts/events.ts";
import { newId } from "../../../shared/ids.ts";
import { newEvent } from "../../../shared/outbox/event.ts";
import { EntriesRepo } from "../../../workers/audit/src/entries.repo.ts";
import type { Env } from "../../../workers/audit/src/env.ts";
import type { ScriptedOutbox, ScriptedPersonalData, ScriptedWebhooks } from "../scripted-peers.ts";

interface AuditTestEnv extends Env {
  AUTH_OUTBOX: ScriptedOutbox;
  ORDERS_OUTBOX: ScriptedOutbox;
  AUTH_PERSONAL_DATA: ScriptedPersonalData;
  IMAGES_PERSONAL_DATA: ScriptedPersonalData;
  ORDERS_PERSONAL_DATA: ScriptedPersonalData;
  WEBHOOKS_PERSONAL_DATA: ScriptedPersonalData;
}

export const env = bindings as unknown as AuditTestEnv;
export const webhooks = (bindings as unknown as { WEBHOOKS: ScriptedWebhooks }).WEBHOOKS;

const ORIGIN = {
  sessionId: "a-session",
  keyId: null,
  ip: "203.0.113.7",
  userAgent: "Mozilla/5.0",
  requestId: "request-1",
};

/** An event of an account that its own person caused. */
export function eventOf(account: string, type: EventType = "order.created", changes: Partial<DomainEvent> = {}) {
  const facts = { type, account, resource: newId(), sequence: 1, metadata: { filename: "sunset.jpg", size: 2048 } };
  return { ...newEvent({ ...ORIGIN, userId: account }, facts), ...changes };
}

export function eventsOf(account: string, count: number): DomainEvent[] {
  return Array.from({ length: count }, () => eventOf(account));
}

export function idsOf(events: readonly { id: string }[]): string[] {
  return events.map((event) => event.id);
}

export function logOf(account: string) {
  return env.LOG.getByName(account);
}

/** The rows of an account that can be listed, first entry first. */
export async function searchRows(account: string) {
  return (await new EntriesRepo(env.DB).listOf(account, {}, { limit: 5_000 })).reverse();
}
