import { WEBHOOK_TEST } from "../../../../shared/contracts/event-schemas.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { newId } from "../../../../shared/ids.ts";
import type { QueuedEvent } from "./deliveries.repo.ts";

/** An event that nothing happened for, so that somebody can see whether their receiver works. */
export function testEvent({ userId, keyId }: Actor, webhookId: string): QueuedEvent {
  const id = newId();
  const what = { type: WEBHOOK_TEST, index: null, resource: webhookId };
  const body = {
    id,
    ...what,
    sequence: 1,
    occurredAt: new Date().toISOString(),
    metadata: {},
    actor: { userId, keyId },
  };
  return { id, ...what, body: JSON.stringify(body) };
}
