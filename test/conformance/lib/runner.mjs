import { judge } from "./judge.mjs";
import { promiseOf } from "./report.mjs";

/**
 * Runs the checks one after the other, so that no check disturbs another's view of the system.
 * @param onResult told of each result as it comes
 */
export async function runChecks(checks, { system, openRows, timeoutMs }, onResult) {
  const results = [];
  for (const { row, run } of checks) {
    const started = Date.now();
    const mismatch = await mismatchOf(run, system, timeoutMs);
    const result = {
      row,
      promise: promiseOf(run),
      ms: Date.now() - started,
      ...judge(row, mismatch, openRows[row] ?? null),
    };
    results.push(result);
    onResult(result);
  }
  return results;
}

/** What was wrong in a sentence, or null when the check holds. A check that breaks is a check that does not hold. */
async function mismatchOf(run, system, timeoutMs) {
  let timer;
  const tooLate = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`expected an end within ${timeoutMs / 1_000} s, got none`)), timeoutMs);
  });
  try {
    await Promise.race([run(system), tooLate]);
    return null;
  } catch (error) {
    return error.message;
  } finally {
    clearTimeout(timer);
  }
}
