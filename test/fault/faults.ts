/** The ways in which a service breaks. */
export const FAULTS = ["500", "throw", "hang", "delay", "rate", "truncate", "reset", "wrong_json"] as const;
export type Fault = (typeof FAULTS)[number];

/** How each door of a service stands: null is well. */
export interface Faults {
  http: Fault | null;
  rpc: Fault | null;
}
