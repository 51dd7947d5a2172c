/** An event that the log refused this often is set aside with its reason, so that its neighbours pass. */
const TRIES_BEFORE_SET_ASIDE = 3;
const FIRST_RETRY_MS = 1_000;

/** What to write for an event that was refused once more. An outage never comes here: it refuses nothing. */
export function afterRefusal(tries: number, reason: string, now: number) {
  const soFar = tries + 1;
  return {
    tries: soFar,
    retryAt: now + FIRST_RETRY_MS * 2 ** tries,
    setAside: soFar >= TRIES_BEFORE_SET_ASIDE ? reason.slice(0, 500) : null,
  };
}
