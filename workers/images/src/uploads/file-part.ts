import { type Failure, fail, ok, type Result } from "../../../../shared/result.ts";
import type { MultipartEvent } from "./multipart.ts";
import { type ByteChunks, tooLarge, type UploadRefusal } from "./upload-refusal.ts";

/** The file of a form. */
export interface FilePart {
  name: string | null;
  /** Ends well only when the rest of the form was in order too. */
  chunks: ByteChunks;
}

/** Fields beside the file are read past; one larger than this is no field. */
const FIELD_MAX_BYTES = 64 * 1024;
const FIELD_TOO_LARGE: Failure<"malformed_request"> = {
  code: "malformed_request",
  detail: "A field of the form is longer than 64 KiB.",
};
/** How the source systems name the file (C9). */
const FILE_FIELDS = ["image", "file"];

/** Finds the file in a form: the field `image` or `file`, or the first part with a file name. */
export async function openFilePart(
  events: AsyncGenerator<MultipartEvent, void>,
  maxBytes: number,
): Promise<Result<FilePart, UploadRefusal>> {
  let fieldBytes = 0;
  for (;;) {
    const { value: event } = await events.next();
    if (event === undefined)
      return fail("invalid_request", "The form has no file: send it as the field image or file.");
    if (event.kind === "broken") return { ok: false, failure: event.failure };
    if (event.kind === "part") {
      if (isFile(event)) return ok({ name: event.fileName, chunks: readFile(events, maxBytes) });
      fieldBytes = 0;
    } else {
      fieldBytes += event.bytes.length;
      if (fieldBytes > FIELD_MAX_BYTES) return { ok: false, failure: FIELD_TOO_LARGE };
    }
  }
}

/** A browser sends a file input that was left empty as a part whose file name is empty: that is no file. */
function isFile({ name, fileName }: { name: string | null; fileName: string | null }): boolean {
  if (fileName !== null) return fileName !== "";
  return name !== null && FILE_FIELDS.includes(name);
}

async function* readFile(
  events: AsyncGenerator<MultipartEvent, void>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, Failure<UploadRefusal> | null> {
  let inFile = true;
  let bytes = 0;
  for await (const event of events) {
    if (event.kind === "broken") return event.failure;
    if (event.kind === "part") {
      if (isFile(event)) return { code: "invalid_request", detail: "Send one file per request." };
      inFile = false;
      bytes = 0;
      continue;
    }
    bytes += event.bytes.length;
    if (inFile && bytes > maxBytes) return tooLarge(maxBytes);
    if (!inFile && bytes > FIELD_MAX_BYTES) return FIELD_TOO_LARGE;
    if (inFile) yield event.bytes;
  }
  return null;
}
