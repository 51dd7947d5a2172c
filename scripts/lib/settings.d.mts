export interface Setting {
  name: string;
  /** Who reads it. */
  for: string;
  type: { says: string; accepts(text: string): boolean };
  default: string;
  /** What a local copy runs with, where that differs. */
  local?: string;
  means: string;
}

export const settings: Setting[];
