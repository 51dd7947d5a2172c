import type { WebhookChanges } from "../../../../shared/contracts/webhooks.ts";
import type { FieldError } from "../../../../shared/http/problem.ts";
import { fitsAnyEvent } from "./event-filter.ts";
import { checkTarget, type TargetRules } from "./target.ts";

/** What of a webhook's fields cannot be beyond what their schema says. Empty when all of it can. */
export function fieldErrors({ url, events = [] }: WebhookChanges, rules: TargetRules): FieldError[] {
  const target = url === undefined ? null : checkTarget(url, rules);
  const ofUrl = target === null || target.ok ? [] : [{ path: "url", message: target.failure.detail }];
  const ofEvents = events.flatMap((pattern, index) =>
    fitsAnyEvent(pattern) ? [] : [{ path: `events.${index}`, message: "fits no event: see GET /events.schema.json" }],
  );
  return [...ofUrl, ...ofEvents];
}
