/** What is answered. Nobody knows whether a write was made whose answer was lost. */
export const OUTAGE = {
  code: "service_unavailable",
  detail:
    "What this is kept in does not answer. Ask again; before you change something again, look whether it is changed.",
} as const;

/**
 * By these words storage and runtime say that they fail for the moment: Cloudflare's lists of errors of D1, R2 and Durable
 * Objects, and a local database that another process is writing to, of which only the runtime's own error is heard.
 */
const PASSING = [
  "internal error; reference",
  "encountered an internal error",
  "Network connection lost",
  "storage caused object to be reset",
  "reset because its code was updated",
  "storage operation exceeded timeout",
  "Cannot resolve D1 DB",
  "D1 DB is overloaded",
  "SQLITE_BUSY",
  "database is locked",
];

/** Whether a thrown thing is an outage below us, which may be over when somebody asks again. Anything else is a bug. */
export function isOutage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    if (saysSo(cause) || PASSING.some((words) => message.includes(words))) return true;
  }
  return false;
}

/** What the runtime throws for a Durable Object that it could not ask (its error handling). */
function saysSo(error: Error): boolean {
  return ("retryable" in error && error.retryable === true) || ("overloaded" in error && error.overloaded === true);
}
