import type { ExportPage } from "../../../shared/contracts/rpc.ts";
import { exportPageOf } from "../../../shared/personal-data/export-page.ts";
import { EntriesRepo } from "./entries.repo.ts";
import type { Env } from "./env.ts";
import { viewEntry } from "./view.ts";

/** An entry may have 64 KiB, and what a page holds is kept in one row, which may have 2 MB. */
const ENTRIES_PER_PAGE = 25;
const ENTRIES_PER_ERASE = 1_000;
/** Their numbers are bound to one statement, which takes 100 values. */
const ACTS_PER_ERASE = 90;

/** A page of an account's log, oldest first. @param cursor the index of the last entry of the page before */
export async function exportLog(env: Pick<Env, "DB">, account: string, cursor: string | null): Promise<ExportPage> {
  const after = cursor === null ? null : Number(cursor);
  const found = await new EntriesRepo(env.DB).listAfter(account, after, ENTRIES_PER_PAGE + 1);
  const recordOf = (entry: (typeof found)[number]) => ({ record: "entry", ...viewEntry(entry) });
  return exportPageOf(found, ENTRIES_PER_PAGE, recordOf, (entry) => String(entry.index));
}

/**
 * Forgets some of what this service knows of a person. The log itself has forgotten already: it did so in the
 * transaction in which it took note of the account's end. What is left is what was made of it: the rows of the list, the
 * person's traces in other people's logs, and an export. Answers whether nothing is left.
 */
export async function eraseInLog(env: Pick<Env, "DB" | "LOG" | "EXPORTS">, userId: string): Promise<boolean> {
  await env.EXPORTS.getByName(userId).erase();
  const entries = new EntriesRepo(env.DB);
  const forgotten = await entries.forgetSome(userId, ENTRIES_PER_ERASE);
  const acts = await entries.listActsElsewhere(userId, ACTS_PER_ERASE);
  for (const [account, some] of Map.groupBy(acts, (act) => act.account)) {
    const indexes = some.map((act) => act.index);
    // The log first: the rows are how the acts are found.
    await env.LOG.getByName(account).forgetActors(indexes);
    await entries.forgetActors(account, indexes);
  }
  return forgotten < ENTRIES_PER_ERASE && acts.length < ACTS_PER_ERASE;
}
