import * as z from "zod";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import type { UploadState } from "./session-record.ts";

/** The version of the protocol that is spoken here, https://tus.io/protocols/resumable-upload. */
export const TUS_VERSION = "1.0.0";
export const TUS_EXTENSIONS = "creation,creation-with-upload,creation-defer-length,termination,expiration";
/** The only media type of bytes. */
export const OFFSET_STREAM = "application/offset+octet-stream";

const bytes = z
  .string()
  .regex(/^\d{1,15}$/, "write a number of bytes")
  .transform(Number);

/** Pairs of a key and its value in base64, which may be missing; with commas between. */
const metadata = z
  .string()
  .max(4_096)
  .regex(
    /^[!-+--~]+( [A-Za-z0-9+/]*={0,2})?(, ?[!-+--~]+( [A-Za-z0-9+/]*={0,2})?)*$/,
    "write pairs of a key and base64",
  );

const Creation = z
  .object({
    "upload-length": bytes.optional(),
    "upload-defer-length": z.literal("1").optional(),
    "upload-metadata": metadata.optional(),
    "upload-concat": z.never("uploads are not put together here").optional(),
  })
  .refine((headers) => (headers["upload-length"] === undefined) !== (headers["upload-defer-length"] === undefined), {
    path: ["upload-length"],
    message: "send Upload-Length, or Upload-Defer-Length: 1",
  })
  .refine((headers) => headers["upload-length"] !== 0, { path: ["upload-length"], message: "the file is empty" });

const Appending = z.object({ "upload-offset": bytes, "upload-length": bytes.optional() });

/** Reads the headers that begin an upload. */
export function readCreation(headers: Headers) {
  return parse(Creation, headers, ({ "upload-length": length, "upload-metadata": text }) => ({
    length: length ?? null,
    metadata: text ?? null,
    name: text === undefined ? null : nameIn(text),
  }));
}

/** Reads the headers that stand before bytes. */
export function readAppend(headers: Headers) {
  return parse(Appending, headers, (read) => ({
    offset: read["upload-offset"],
    length: read["upload-length"] ?? null,
  }));
}

function parse<Schema extends z.ZodType, Value>(
  schema: Schema,
  headers: Headers,
  pick: (parsed: z.output<Schema>) => Value,
): Result<Value, "invalid_request"> {
  const parsed = schema.safeParse(Object.fromEntries(headers));
  if (parsed.success) return ok(pick(parsed.data));
  const [issue] = parsed.error.issues;
  return fail("invalid_request", `The header ${issue?.path.join(".")} does not fit: ${issue?.message}.`);
}

/** The file's name: clients call it `filename`, some `name`. */
function nameIn(text: string): string | null {
  const pairs = new Map(
    text.split(/, ?/).map((pair): [string, string] => {
      const [key = "", value = ""] = pair.split(" ");
      return [key, value];
    }),
  );
  const encoded = pairs.get("filename") ?? pairs.get("name");
  if (encoded === undefined) return null;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** What an upload is at, in the protocol's headers and ours. */
export function uploadHeaders({ length, offset, metadata: text, expiresAt, outcome }: UploadState) {
  return {
    "Tus-Resumable": TUS_VERSION,
    "Cache-Control": "no-store",
    "Upload-Offset": String(offset),
    ...(length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(length) }),
    ...(text !== null && { "Upload-Metadata": text }),
    ...(offset !== length && { "Upload-Expires": new Date(expiresAt).toUTCString() }),
    ...(outcome !== null && { "X-File-Id": outcome.fileId }),
    ...(outcome?.imageId && { "X-Image-Id": outcome.imageId }),
    ...(outcome?.jobId && { "X-Job-Id": outcome.jobId }),
  };
}
