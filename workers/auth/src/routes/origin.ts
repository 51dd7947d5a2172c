import type { Context } from "hono";
import { clientOrigin } from "../../../../shared/http/context.ts";
import type { EventOrigin } from "../../../../shared/outbox/event.ts";

/** Where an act comes from while nobody is signed in: the request alone tells. */
export function unknownOrigin(c: Context): EventOrigin {
  return { userId: null, sessionId: null, keyId: null, ...clientOrigin(c.req.raw), requestId: c.var.requestId };
}
