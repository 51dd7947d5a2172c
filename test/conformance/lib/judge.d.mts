export interface Verdict {
  outcome: "PASS" | "FAIL" | "OPEN";
  detail: string | null;
}
export function judge(row: string, mismatch: string | null, openReason: string | null): Verdict;
