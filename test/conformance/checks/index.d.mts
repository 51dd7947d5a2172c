export interface Check {
  row: string;
  run: (system: object) => Promise<void>;
}
export const CHECKS: Check[];
