import * as z from "zod";
import { type DomainEvent, EVENT_KINDS, type EventType } from "../../../shared/contracts/events.ts";
import { fail, ok, type Result } from "../../../shared/result.ts";

/** A leaf of a tiled log is counted in 16 bits (C2SP tlog-tiles), so an entry must stay below 64 KiB. */
const ENTRY_MAX_BYTES = 65_535;
const TEXT_MAX = 256;
const USER_AGENT_MAX = 1_024;

/** Names a log: a user's id or `system`. */
export const Account = z.string().min(1).max(64);

const shortText = z.string().max(TEXT_MAX);

function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENT_KINDS, type);
}

/** Loose where shapes may grow: a newer service's additional fields stand in the log as they came. */
const LoggableEvent: z.ZodType<DomainEvent> = z.looseObject({
  id: shortText.min(1),
  type: z.string().refine(isEventType, "is no kind of event known here"),
  account: Account,
  actor: z.looseObject({
    userId: shortText.nullable(),
    sessionId: shortText.nullable(),
    keyId: shortText.nullable(),
    ip: shortText.nullable(),
    userAgent: z.string().max(USER_AGENT_MAX).nullable(),
  }),
  resource: shortText.min(1),
  sequence: z.number().int().min(1),
  metadata: z.record(z.string(), z.json()),
  occurredAt: z.iso.datetime(),
  requestId: shortText.nullable(),
});

/** Checks what is about to be written for good. */
export function checkEvent(event: DomainEvent): Result<DomainEvent, "not_loggable"> {
  const parsed = LoggableEvent.safeParse(event);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail("not_loggable", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(parsed.data)).byteLength;
  if (bytes > ENTRY_MAX_BYTES) return fail("not_loggable", `${bytes} bytes are more than ${ENTRY_MAX_BYTES}`);
  return ok(parsed.data);
}
