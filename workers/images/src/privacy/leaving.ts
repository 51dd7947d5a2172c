import type { StoredFile } from "../schema.ts";
import { writeCuts } from "./cuts.ts";
import type { Scan } from "./scan.ts";

export const STRIP_MODES = ["shared", "always", "never"] as const;
/** Who is sent originals without their metadata: all but the owner, everybody, or nobody. */
export type StripMode = (typeof STRIP_MODES)[number];

/** In place of cuts: nothing is to be cut. */
export const WHOLE = "";
/** In place of cuts: nobody has looked at the file yet. */
export const UNSCANNED = "unscanned";
/** In place of cuts: the file is in too many pieces to be cut. */
const UNCUTTABLE = "uncuttable";

/**
 * What a file's row says of what may leave and of what was found.
 * @param scan of the file's bytes; null where its type is not looked at
 */
export function whatLeaves(scan: Scan | null, bytes: number): Pick<StoredFile, "cuts" | "metadataFound"> {
  if (scan === null) return { cuts: WHOLE, metadataFound: [] };
  // Who stores bytes without showing them all must not make them seem clean: they are looked at when they leave.
  if (scan.bytes !== bytes) return { cuts: null, metadataFound: null };
  const { found, cuts } = scan.finish();
  return { cuts: cuts === null ? UNCUTTABLE : writeCuts({ bytes, cuts }), metadataFound: found };
}

/**
 * What is cut for somebody who is not the owner; undefined where bytes leave as they are.
 * @param cuts of a file's row; undefined for sizes, which carry no metadata
 */
export function cutsForOthers(mode: StripMode, cuts: StoredFile["cuts"] | undefined): string | undefined {
  if (mode === "never" || cuts === undefined || cuts === WHOLE) return undefined;
  return cuts ?? UNSCANNED;
}

/** What is cut for the owner; undefined where bytes leave as they are. */
export function cutsForOwner(mode: StripMode, cuts: StoredFile["cuts"]): string | undefined {
  return mode === "always" ? cutsForOthers(mode, cuts) : undefined;
}
