/** A disabled webhook hears of its enabling at once; should that word get lost, it looks by itself. */
const LOOK_AGAIN_MS = 3_600_000;

/** What waits at a webhook, and what holds it. Times are Unix milliseconds. */
interface Waiting {
  /** Whether anything is due by now. */
  isDue: boolean;
  /** When the next is due that is not yet, null where none is. */
  nextAt: number | null;
  isEnabled: boolean;
  restsUntil: number;
  /** How long an attempt may take. */
  leaseMs: number;
}

/** When something is to be sent. What is due by now is under way, or was cut off when its time is over. */
export function sendTimes({ isDue, nextAt, isEnabled, restsUntil, leaseMs }: Waiting, now: number): (number | null)[] {
  if (!isDue && nextAt === null) return [];
  if (!isEnabled) return [now + LOOK_AGAIN_MS];
  return restsUntil > now ? [restsUntil] : [isDue ? now + leaseMs : null, nextAt];
}
