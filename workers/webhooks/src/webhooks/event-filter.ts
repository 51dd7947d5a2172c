import { PUBLIC_EVENT_TYPES } from "../../../../shared/contracts/event-schemas.ts";

/** Whether a webhook with these patterns is told of this kind of event. */
export function wants(patterns: string[], type: string): boolean {
  return patterns.some((pattern) => matches(pattern, type));
}

function matches(pattern: string, type: string): boolean {
  return pattern === "*" || pattern === type || (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1)));
}

/** Whether a pattern fits any kind of event that there is. */
export function fitsAnyEvent(pattern: string): boolean {
  return PUBLIC_EVENT_TYPES.some((type) => matches(pattern, type));
}
