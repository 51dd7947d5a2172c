import { type Failure, fail } from "../../../../shared/result.ts";

/** Why an upload was not taken. */
export type UploadRefusal =
  | "unauthenticated"
  | "malformed_request"
  | "invalid_request"
  | "length_required"
  | "payload_too_large"
  | "unsupported_media_type"
  | "unsupported_image"
  | "image_too_large"
  | "busy";

/**
 * Bytes that come one chunk after the other; the return value says why they ended: null where all of them came.
 * An exception is a connection that broke.
 */
export type ByteChunks = AsyncGenerator<Uint8Array, Failure<UploadRefusal> | null>;

const BYTES_PER_MIB = 1024 * 1024;

export function tooLarge(maxBytes: number): Failure<"payload_too_large"> {
  return { code: "payload_too_large", detail: `A file may have at most ${(maxBytes / BYTES_PER_MIB).toFixed(1)} MiB.` };
}

/** What an upload is refused with whose user was erased meanwhile. */
export function noAccount() {
  return fail("unauthenticated", "This account does not exist any more.");
}
