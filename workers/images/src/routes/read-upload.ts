import { fail, ok, type Result } from "../../../../shared/result.ts";
import { readSettings } from "../env.ts";
import { decodePercent, fileNameOf } from "../files/disposition.ts";
import { Objects } from "../storage/objects.ts";
import { ChunkedContent, type SentContent, StreamedContent } from "../uploads/content.ts";
import { openFilePart } from "../uploads/file-part.ts";
import { boundaryOf, readMultipart } from "../uploads/multipart.ts";
import { uploadBudget } from "../uploads/upload-budget.ts";
import { tooLarge, type UploadRefusal } from "../uploads/upload-refusal.ts";
import type { ImagesContext } from "./context.ts";

/** A file as a request brings it. */
export interface ReceivedFile {
  name: string | null;
  content: SentContent;
}

/** A form's boundaries and headers may take this much beyond the file. */
const FORM_OVERHEAD_BYTES = 64 * 1024;

/**
 * The file that is the request's whole body. Its length must be declared: of a body that broke off without one it cannot
 * be told that it is not whole, because some proxies end it as if it were.
 */
export function readRawUpload(c: ImagesContext): Result<ReceivedFile, UploadRefusal> {
  const maxBytes = readSettings(c.env).MAX_UPLOAD_BYTES;
  const length = declaredLength(c);
  if (length !== null && length > maxBytes) return { ok: false, failure: tooLarge(maxBytes) };
  const { body } = c.req.raw;
  if (body === null || length === 0) return fail("invalid_request", "The file is empty.");
  if (length === null) return fail("length_required", "Send Content-Length, or send the file as a form.");
  return ok({ name: rawName(c), content: new StreamedContent(new Objects(c.env.BUCKET), body, length) });
}

/** The file in a form (RFC 7578). */
export async function readFormUpload(c: ImagesContext): Promise<Result<ReceivedFile, UploadRefusal>> {
  const maxBytes = readSettings(c.env).MAX_UPLOAD_BYTES;
  const maxBodyBytes = maxBytes + FORM_OVERHEAD_BYTES;
  const length = declaredLength(c);
  if (length !== null && length > maxBodyBytes) return { ok: false, failure: tooLarge(maxBytes) };
  const contentType = c.req.header("Content-Type") ?? null;
  const boundary = boundaryOf(contentType);
  const { body } = c.req.raw;
  if (boundary === null) return fail("unsupported_media_type", "Send the file as multipart/form-data with a boundary.");
  if (body === null) return fail("invalid_request", "The form is empty.");

  const events = readMultipart(body, boundary, maxBodyBytes);
  const part = await openFilePart(events, maxBytes);
  if (!part.ok) {
    await events.return();
    return part;
  }
  const { name, chunks } = part.value;
  return ok({ name, content: new ChunkedContent(new Objects(c.env.BUCKET), uploadBudget, chunks, length ?? maxBytes) });
}

function declaredLength(c: ImagesContext): number | null {
  const header = c.req.header("Content-Length") ?? "";
  return /^\d{1,15}$/.test(header) ? Number(header) : null;
}

/** The name of a raw upload: `X-File-Name` (percent-encoded), Content-Disposition, or `?name=`. */
function rawName(c: ImagesContext): string | null {
  const encoded = c.req.header("X-File-Name");
  if (encoded !== undefined) return decodePercent(encoded);
  const disposition = c.req.header("Content-Disposition");
  return (disposition && fileNameOf(disposition)) || c.req.query("name") || null;
}
