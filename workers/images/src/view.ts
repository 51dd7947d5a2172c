import type {
  FileView,
  ImageDetails,
  ImageStatusView,
  ImageSummary,
  JobView,
  SizeView,
  UploadView,
} from "../../../shared/contracts/images.ts";
import { type SizeName, VARIANT_NAMES } from "../../../shared/contracts/variants.ts";
import { sizeFileName } from "./disposition.ts";
import type { WholeImage } from "./images.repo.ts";
import type { Image, Ingested, Job, StoredFile, Variant } from "./schema.ts";

/** Makes the absolute, signed URL of stored bytes. */
export type Link = (file: Pick<StoredFile, "id" | "name">, object: LinkedObject) => Promise<string>;

export type LinkedObject = Pick<StoredFile, "key" | "mimeType" | "etag">;

const BYTES_PER_KB = 1024;

/** A size as text: below 1 MB whole KB, else MB with one decimal, no blank (C12). */
export function sizeText(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / BYTES_PER_KB));
  return kilobytes < BYTES_PER_KB ? `${kilobytes}KB` : `${(bytes / BYTES_PER_KB ** 2).toFixed(1)}MB`;
}

export async function viewFile(file: StoredFile, link: Link): Promise<FileView> {
  return {
    id: file.id,
    user_id: file.userId,
    name: file.name,
    size: file.bytes,
    mime_type: file.mimeType,
    created: file.createdAt,
    url: await link(file, file),
    path: `/uploads/${file.id}`,
  };
}

export async function viewUpload({ file, image, job }: Ingested, link: Link): Promise<UploadView> {
  const view = await viewFile(file, link);
  if (image === null || job === null) return { message: "File stored", ...view };
  const message = "Image upload accepted for processing";
  return { message, imageId: image.id, jobId: job.id, status: image.status, ...view };
}

export function summariseImage(image: Image): ImageSummary {
  const { id, originalName, status, uploadedAt, processedAt } = image;
  return { id, originalName, status, uploadedAt, processedAt };
}

export async function viewImage({ image, file, variants }: WholeImage, link: Link): Promise<ImageDetails> {
  const sizes: Partial<Record<SizeName, SizeView>> = {};
  for (const name of VARIANT_NAMES) {
    const variant = variants.find((candidate) => candidate.name === name);
    if (variant === undefined) continue;
    const named = { id: file.id, name: sizeFileName(file.name, name, variant.mimeType) };
    sizes[name] = viewSize(variant, await link(named, variant));
  }
  const original = { ...file, width: image.width, height: image.height };
  sizes.original = viewSize(original, await link(file, file));
  return { ...summariseImage(image), sizes, errorMessage: image.errorDetail };
}

function viewSize(object: Pick<Variant, "width" | "height" | "bytes" | "mimeType">, url: string): SizeView {
  const { width, height, bytes, mimeType } = object;
  return { url, width, height, size: sizeText(bytes), bytes, type: mimeType };
}

export function viewStatus(image: Image): ImageStatusView {
  return { id: image.id, status: image.status, errorMessage: image.errorDetail };
}

export function viewJob(job: Job): JobView {
  return {
    jobId: job.id,
    imageId: job.imageId,
    status: job.status,
    attempts: job.attempts,
    errorMessage: job.errorDetail,
    createdAt: job.createdAt,
    finishedAt: job.finishedAt,
  };
}
