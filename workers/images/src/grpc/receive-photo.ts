import type { Failure } from "../../../../shared/result.ts";
import { readSettings } from "../env.ts";
import type { ImagesContext } from "../routes/context.ts";
import type { ReceivedFile } from "../routes/read-upload.ts";
import { Objects } from "../storage/objects.ts";
import { ChunkedContent } from "../uploads/content.ts";
import { uploadBudget } from "../uploads/upload-budget.ts";
import { type ByteChunks, tooLarge, type UploadRefusal } from "../uploads/upload-refusal.ts";
import type { UploadImageRequest, UploadImageStreamRequest } from "./generated/halftone/images/v1/image_delivery_pb.js";

/** The photo that one message holds. */
export function photoOfMessage(c: ImagesContext, { filename, content }: UploadImageRequest): ReceivedFile {
  return received(c, filename, once(content), content.length);
}

/** The photo that comes in pieces: its name first, if it has one. */
export async function photoOfStream(
  c: ImagesContext,
  messages: AsyncIterable<UploadImageStreamRequest>,
): Promise<ReceivedFile> {
  const maxBytes = readSettings(c.env).MAX_UPLOAD_BYTES;
  const parts = messages[Symbol.asyncIterator]();
  const first = await parts.next();
  const part = first.done ? undefined : first.value.part;
  const filename = part?.case === "filename" ? part.value : "";
  const begun = part?.case === "chunk" ? part.value : new Uint8Array(0);
  return received(c, filename, readChunks(begun, parts, maxBytes), maxBytes);
}

function received(c: ImagesContext, filename: string, chunks: ByteChunks, bytesAtMost: number): ReceivedFile {
  const content = new ChunkedContent(new Objects(c.env.BUCKET), uploadBudget, chunks, bytesAtMost);
  return { name: filename === "" ? null : filename, content };
}

async function* once(bytes: Uint8Array): ByteChunks {
  yield bytes;
  return null;
}

async function* readChunks(
  begun: Uint8Array,
  parts: AsyncIterator<UploadImageStreamRequest>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, Failure<UploadRefusal> | null> {
  let bytes = begun.length;
  yield begun;
  for (let step = await parts.next(); !step.done; step = await parts.next()) {
    const { part } = step.value;
    if (part.case !== "chunk") return { code: "invalid_request", detail: "After the name only bytes may follow." };
    bytes += part.value.length;
    if (bytes > maxBytes) return tooLarge(maxBytes);
    yield part.value;
  }
  return null;
}
