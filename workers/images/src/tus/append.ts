import { fail, type Result } from "../../../../shared/result.ts";
import { tooLarge, type UploadRefusal } from "../uploads/upload-refusal.ts";
import type { Ending } from "./part-writer.ts";

/** Bytes from an offset on. @param length what the whole upload has, where the client says it only now */
export interface Append {
  offset: number;
  length: number | null;
}

export type AppendRefusal = UploadRefusal | "not_found" | "conflict";

type Refusal = Extract<Result<never, AppendRefusal>, { ok: false }>;

/** How far an upload has come, in bytes. */
interface Progress {
  at: number;
  length: number | null;
}

/** Why bytes cannot be taken, null where they can. @param maxBytes what a file may have */
export function refuseAppend({ at, length }: Progress, append: Append, maxBytes: number): Refusal | null {
  if (append.offset !== at) return fail("conflict", `This upload is at byte ${at}.`);
  if (append.length === null) return null;
  if (length !== null && length !== append.length) return fail("conflict", "This upload has another length.");
  if (append.length > maxBytes) return { ok: false, failure: tooLarge(maxBytes) };
  return append.length < at ? fail("conflict", `More than that came already: ${at} bytes.`) : null;
}

const REFUSALS = {
  "no room": fail("busy", "Many uploads are under way. Go on with this one in a moment."),
  broke: fail("malformed_request", "The connection broke."),
  "taken over": fail("conflict", "A newer request goes on with this upload."),
  "too many": fail("payload_too_large", "More came than the upload's length. It was ended."),
} as const satisfies Record<Exclude<Ending, "came"> | "no room", Refusal>;

/** What a request is answered whose bytes did not all come. */
export function refusalOf(ending: keyof typeof REFUSALS): Refusal {
  return REFUSALS[ending];
}
