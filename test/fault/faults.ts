/**
 * The ways in which a service breaks. `truncate` ends an answer early as if it were whole, `reset` breaks the connection
 * before any byte, `cut` in the middle of a body whose length was declared.
 */
export const FAULTS = ["500", "throw", "hang", "delay", "rate", "truncate", "reset", "cut", "wrong_json"] as const;
export type Fault = (typeof FAULTS)[number];

/** How each door of a service stands: null is well. */
export interface Faults {
  http: Fault | null;
  rpc: Fault | null;
}
