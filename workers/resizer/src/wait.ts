/** Waits for what another Worker sends: an answer, or the next piece of a stream. */
export type Wait = <Sent>(sent: Promise<Sent>) => Promise<Sent>;

/**
 * Images answers within milliseconds. The limit is below an attempt's lease (`JOB_LEASE_MS`, 15 s), so that a job whose
 * call hangs is given back. The local queue hands over one message at a time and would else stand still for good.
 */
const SENT_WITHIN_MS = 10_000;

/**
 * A way to wait that gives up after 10 s.
 * @param onSent told whenever something came
 */
export function createWait(onSent: () => void): Wait {
  return async (sent) => {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const error = new Error(`nothing came from images within ${SENT_WITHIN_MS / 1_000} s`);
    const limit = setTimeout(() => reject(error), SENT_WITHIN_MS);
    try {
      const value = await Promise.race([sent, tooLate]);
      onSent();
      return value;
    } finally {
      clearTimeout(limit);
    }
  };
}
