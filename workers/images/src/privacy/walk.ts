import type { MetadataKind } from "../../../../shared/contracts/images.ts";
import type { Cut } from "./cuts.ts";

/**
 * What a walk through a file wishes next:
 *
 * - `take`: so many bytes, fewer only at the end of the file; they are held, so it is never many
 * - `skip`: to be behind so many bytes
 * - `marker`: to be behind a JPEG's next marker, and its name; `after` is the byte before, which may begin it
 */
export type Wish =
  | { kind: "take"; bytes: number }
  | { kind: "skip"; bytes: number }
  | { kind: "marker"; after: number };

/** A way through a file, from its beginning to its end or to where the rest does not matter. */
export type Walk<T = void> = Generator<Wish, T, Uint8Array>;

/** What must not leave. It may reach beyond the end of a file that is cut off. */
export interface Sighting extends Cut {
  found: MetadataKind[];
}

/** Who leads a walk. */
export interface Guide {
  /** How many bytes lie behind. */
  readonly at: number;
  /** Notes what must not leave, in the order of the file. */
  note(sighting: Sighting): void;
}

/** How files of one format are walked through. */
export interface Route {
  walk(guide: Guide): Walk;
  /** What the beginning of a file of so many bytes must say instead once these cuts are made. */
  mend?(cuts: Cut[], bytes: number): Cut[];
}

/** Longer than any file. */
export const TO_THE_END = Number.MAX_SAFE_INTEGER / 2;

export function take(bytes: number): Wish {
  return { kind: "take", bytes };
}

export function skip(bytes: number): Wish {
  return { kind: "skip", bytes };
}
