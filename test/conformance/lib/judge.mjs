/**
 * Turns what a check found into its row's outcome. An open row is not built yet and may fail; one that holds while it
 * is listed open fails the run, so that the list can only shrink.
 * @param mismatch what was wrong, null when the check holds
 * @param openReason why the row is open, null when it is not
 */
export function judge(row, mismatch, openReason) {
  if (openReason === null) {
    return mismatch === null ? { outcome: "PASS", detail: null } : { outcome: "FAIL", detail: mismatch };
  }
  if (mismatch === null) return { outcome: "FAIL", detail: `${row} passes: take it off the list` };
  return { outcome: "OPEN", detail: openReason };
}
