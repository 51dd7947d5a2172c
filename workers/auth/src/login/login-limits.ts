import { networkOf } from "../../../../shared/http/network.ts";
import { describeError, type Logger } from "../../../../shared/log.ts";
import type { Block, Turn } from "./failure-window.ts";

/** Failures per 15 minutes. A person mistypes; nobody guesses a password that is not on the list in ten tries. */
const NAME_LIMIT = 10;
/** An office behind one address has many who mistype. */
const ADDRESS_LIMIT = 100;

export interface Limiter {
  take(limit: number): Promise<Turn>;
  end(attempt: string, hasFailed: boolean): Promise<void>;
}

export interface LimitDeps {
  /** The limiter of that name. */
  limiterOf(name: string): Limiter;
  log: Pick<Logger, "error">;
}

/** Whose failures an attempt counts among, besides those of its address. */
export type Account =
  /** The keyed hash of the name that was typed. Known and unknown names are counted alike. */
  | { loginFingerprint: string }
  /**
   * A live session of that very user. It has a count of its own, so that strangers who guess cannot lock out the person
   * themselves.
   */
  | { sessionId: string };

export type TakenTurn =
  | {
      isGiven: true;
      /** Must be told how the attempt ended. Answers false when that could not be counted. */
      end(hasFailed: boolean): Promise<boolean>;
    }
  | { isGiven: false /** Null when the limiters are away. */; block: Block | null };

/** Takes a place among the failures that the address, and then the name or session, may still have. */
export async function takeTurn(deps: LimitDeps, ip: string | null, account: Account): Promise<TakenTurn> {
  try {
    return await takeBoth(deps, ip, account);
  } catch (error) {
    deps.log.error("login limiter away", { error: describeError(error) });
    return { isGiven: false, block: null };
  }
}

/** The address comes first: whoever is blocked by it must not use up the places of other people's names. */
async function takeBoth(deps: LimitDeps, ip: string | null, account: Account): Promise<TakenTurn> {
  const address = deps.limiterOf(`address:${networkOf(ip ?? "unknown")}`);
  const byAddress = await address.take(ADDRESS_LIMIT);
  if (!byAddress.isGiven) return { isGiven: false, block: byAddress };

  const name = deps.limiterOf(nameOf(account));
  const byName = await name.take(NAME_LIMIT);
  if (!byName.isGiven) {
    // Whoever only learns that they must wait has guessed nothing.
    await address.end(byAddress.attempt, false);
    return { isGiven: false, block: byName };
  }

  const end = async (hasFailed: boolean) => {
    try {
      await Promise.all([address.end(byAddress.attempt, hasFailed), name.end(byName.attempt, hasFailed)]);
      return true;
    } catch (error) {
      deps.log.error("login limiter away", { error: describeError(error) });
      return false;
    }
  };
  return { isGiven: true, end };
}

function nameOf(account: Account): string {
  return "sessionId" in account ? `session:${account.sessionId}` : `name:${account.loginFingerprint}`;
}
