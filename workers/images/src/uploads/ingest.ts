import type { JobKind } from "../../../../shared/contracts/images.ts";
import type { WorkOrigin } from "../../../../shared/contracts/rpc.ts";
import type { VariantFormat } from "../../../../shared/contracts/variants.ts";
import type { Actor } from "../../../../shared/http/identity.ts";
import { newId } from "../../../../shared/ids.ts";
import { admit } from "../../../../shared/image-header/admission.ts";
import { displayedSize, type ImageHeader } from "../../../../shared/image-header/header.ts";
import { type FileKind, HEADER_BYTES, sniff } from "../../../../shared/image-header/sniff.ts";
import { fail, ok, type Result } from "../../../../shared/result.ts";
import { cleanName } from "../files/disposition.ts";
import type { FilesRepo } from "../files/files.repo.ts";
import { whatLeaves } from "../privacy/leaving.ts";
import { scanOf } from "../privacy/scanner.ts";
import type { Image, Ingested, Job, StoredFile } from "../schema.ts";
import { FIRST_GENERATION, originalKey } from "../storage/keys.ts";
import type { BegunObjects } from "./begun-objects.ts";
import type { Content } from "./content.ts";
import { type SaveDeps, saveUpload } from "./save-upload.ts";
import type { UploadRefusal } from "./upload-refusal.ts";

export interface IngestDeps extends SaveDeps {
  files: SaveDeps["files"] & Pick<FilesRepo, "find">;
  /** Null where the door itself keeps the bytes until a row names them. */
  begun: BegunObjects | null;
  storagePath: string;
  /** What the sizes of a photo are to be stored as. */
  formats: VariantFormat[];
  /** The request that is being answered. */
  origin: WorkOrigin;
}

/** Whose the upload is and who sent it, as far as the log tells. An `Actor` is one. */
export type Uploader = Omit<Actor, "role" | "permissions" | "expiresAt">;

export interface Upload {
  /** Where the door has promised an id already; without one the file gets a new one. */
  id?: string;
  /** Photos only, or any file: what is a readable photo becomes an image on either door. */
  door: "images" | "files";
  name: string | null;
  content: Content;
}

/** Long colour profiles and embedded previews push a photo's size this far back, and hardly further. */
const LONG_HEADER_BYTES = 1024 * 1024;

/**
 * Takes an upload: its kind by its first bytes, then the bytes into the bucket, then the rows. Whatever is refused or
 * fails on the way leaves no row and no object.
 */
export async function ingest(
  deps: IngestDeps,
  actor: Uploader,
  upload: Upload,
): Promise<Result<Ingested, UploadRefusal>> {
  const taken = await take(deps, actor, upload);
  if (!taken.ok) await upload.content.discard();
  return taken;
}

async function take(deps: IngestDeps, actor: Uploader, upload: Upload): Promise<Result<Ingested, UploadRefusal>> {
  const kind = await readKind(upload.content);
  if (!kind.ok) return kind;
  const photo = photoOf(kind.value, UNKNOWN_BYTES);
  if (!photo.ok && upload.door === "images") return photo;

  const id = upload.id ?? newId();
  const key = originalKey(deps.storagePath, { userId: actor.userId, fileId: id, generation: FIRST_GENERATION });
  try {
    await deps.begun?.begin(key);
    const ingested = await storeAndSave(deps, actor, upload, kind.value, { id, key });
    if (!ingested.ok) await giveUp(deps, key);
    return ingested;
  } catch (error) {
    // The answer of a batch can get lost after it was committed; then the bytes must stay.
    if ((await deps.files.find(id)) === null) await giveUp(deps, key);
    throw error;
  }
}

/** The bytes first: while they are there, somebody must know of them. */
async function giveUp({ begun, objects }: IngestDeps, key: string): Promise<void> {
  if (begun === null) return;
  await objects.delete([key]);
  await begun.forget(key);
}

async function storeAndSave(
  deps: IngestDeps,
  actor: Uploader,
  upload: Upload,
  kind: FileKind,
  { id, key }: Pick<StoredFile, "id" | "key">,
): Promise<Result<Ingested, UploadRefusal>> {
  const { mimeType } = kind;
  const scan = scanOf(mimeType);
  const watch = (chunk: Uint8Array) => scan?.push(chunk);
  const stored = await upload.content.store(key, mimeType, watch, async (id) => deps.begun?.noteParts(key, id));
  if (!stored.ok) return stored;
  const image = photoOf(kind, stored.value.bytes);
  if (!image.ok && upload.door === "images") return image;

  const file = {
    id,
    userId: actor.userId,
    name: cleanName(upload.name),
    mimeType,
    key,
    ...stored.value,
    ...whatLeaves(scan, stored.value.bytes),
    visibility: "private" as const,
    version: 1,
    createdAt: new Date().toISOString(),
    lostAt: null,
  };
  const made = image.ok ? newImage(file, image.value, deps) : { image: null, job: null };
  return saveUpload(deps, actor, { file, ...made });
}

async function readKind(content: Content): Promise<Result<FileKind, UploadRefusal>> {
  const head = await content.peek(HEADER_BYTES);
  if (!head.ok) return head;
  if (head.value.length === 0) return fail("invalid_request", "The file is empty.");
  const kind = sniff(head.value);
  if (!kind.incomplete) return ok(kind);
  const longHead = await content.peek(LONG_HEADER_BYTES);
  return longHead.ok ? ok(sniff(longHead.value)) : longHead;
}

/** While an upload is on its way nobody knows its length; the little that depends on it is looked at afterwards. */
const UNKNOWN_BYTES = 0;

/** The header of a photo that can be resized, or why it is none. */
function photoOf({ image, mimeType }: FileKind, bytes: number): Result<ImageHeader, UploadRefusal> {
  if (image === null) return fail("unsupported_image", `Send a JPEG, PNG or WebP photo. This is ${named(mimeType)}.`);
  const admitted = admit(image, bytes);
  return admitted.ok ? ok(image) : admitted;
}

function named(mimeType: string): string {
  if (mimeType === "application/octet-stream") return "nothing that is known here";
  const isReadable = ["image/jpeg", "image/png", "image/webp"].includes(mimeType);
  return isReadable ? `${mimeType}, but its header cannot be read` : mimeType;
}

function newImage(
  file: StoredFile,
  header: ImageHeader,
  { formats, origin }: Pick<IngestDeps, "formats" | "origin">,
): { image: Image; job: Job } {
  const image: Image = {
    id: file.id,
    userId: file.userId,
    originalName: file.name,
    bytes: file.bytes,
    status: "pending",
    generation: FIRST_GENERATION,
    ...displayedSize(header),
    uploadedAt: file.createdAt,
    processedAt: null,
    errorCode: null,
    errorDetail: null,
    thumbHash: null,
    dominantColour: null,
  };
  return { image, job: newJob(image, "eager", formats, origin) };
}

/** A job that makes all sizes of an image in its present generation. */
export function newJob(
  image: Pick<Image, "id" | "generation">,
  kind: JobKind,
  formats: VariantFormat[],
  { requestId, traceparent }: WorkOrigin,
): Job {
  return {
    id: newId(),
    imageId: image.id,
    generation: image.generation,
    kind,
    formats,
    status: "pending",
    attempts: 0,
    attemptId: null,
    leaseUntil: 0,
    notBefore: 0,
    errorCode: null,
    errorDetail: null,
    createdAt: new Date().toISOString(),
    finishedAt: null,
    requestId,
    traceparent,
  };
}
