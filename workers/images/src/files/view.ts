import type {
  FileView,
  FormatView,
  ImageDetails,
  ImageStatusView,
  ImageSummary,
  JobView,
  SizeView,
  UploadView,
} from "../../../../shared/contracts/images.ts";
import type { ShareView } from "../../../../shared/contracts/shares.ts";
import {
  FORMATS,
  type SizeName,
  VARIANT_FORMATS,
  VARIANT_NAMES,
  type VariantFormat,
  type VariantName,
} from "../../../../shared/contracts/variants.ts";
import type { WholeImage } from "../images/images.repo.ts";
import type { ListedImage } from "../images/listed-image.repo.ts";
import type { StripMode } from "../privacy/leaving.ts";
import type { Image, Ingested, Job, MadeSize, Share, StoredFile } from "../schema.ts";
import { sizeFileName } from "./disposition.ts";

/** Makes the absolute, signed URL of stored bytes. */
export type Link = (file: Pick<StoredFile, "id" | "name">, object: LinkedObject) => string;

/** Stored bytes. Of what was uploaded others may be sent less than all; sizes carry nothing to cut. */
export type LinkedObject = Pick<StoredFile, "key" | "mimeType" | "etag"> & Partial<Pick<StoredFile, "cuts">>;

const BYTES_PER_KB = 1024;

const REMOVED_FOR = { shared: "others", always: "everybody", never: "nobody" } as const;

/** A size as text: below 1 MB whole KB, else MB with one decimal, no blank (C12). */
export function sizeText(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / BYTES_PER_KB));
  return kilobytes < BYTES_PER_KB ? `${kilobytes}KB` : `${(bytes / BYTES_PER_KB ** 2).toFixed(1)}MB`;
}

export function viewFile(file: StoredFile, link: Link): FileView {
  return {
    id: file.id,
    user_id: file.userId,
    name: file.name,
    size: file.bytes,
    mime_type: file.mimeType,
    sha256: file.sha256,
    metadata_found: file.metadataFound,
    created: file.createdAt,
    url: link(file, file),
    path: `/uploads/${file.id}`,
    visibility: file.visibility,
  };
}

export function viewUpload({ file, image, job }: Ingested, link: Link): UploadView {
  const view = viewFile(file, link);
  if (image === null || job === null) return { message: "File stored", ...view };
  const message = "Image upload accepted for processing";
  const { status, width, height } = image;
  return { message, imageId: image.id, jobId: job.id, status, width, height, ...view };
}

export function summariseImage(image: ListedImage["image"]): ImageSummary {
  const { id, originalName, status, width, height, thumbHash, dominantColour, uploadedAt, processedAt } = image;
  return { id, originalName, status, width, height, thumbHash, dominantColour, uploadedAt, processedAt };
}

/** All there is to know of an image, each size in all its formats. */
export function viewImage(whole: WholeImage, link: Link, strip: StripMode): ImageDetails {
  return viewSizes(whole, link, strip, false);
}

/** The same for lists, where each size has its best format alone: a page has hundreds of links. */
export function viewListedImage(whole: ListedImage, link: Link, strip: StripMode): ImageDetails {
  return viewSizes(whole, link, strip, true);
}

function viewSizes(whole: ListedImage, link: Link, strip: StripMode, isListed: boolean): ImageDetails {
  const { image, file } = whole;
  const sizes: Partial<Record<SizeName, SizeView>> = {};
  for (const name of VARIANT_NAMES) {
    const size = viewSize(whole, name, link, isListed);
    if (size !== null) sizes[name] = size;
  }
  sizes.original = viewPixels(image, file.mimeType, link(file, file));
  const metadata = file.metadataFound && { found: file.metadataFound, removedFor: REMOVED_FOR[strip] };
  return {
    ...summariseImage(image),
    visibility: file.visibility,
    sizes,
    sha256: file.sha256,
    metadata,
    errorMessage: image.errorDetail,
  };
}

/** One size in its formats, the best of them in front; null where there is none. */
function viewSize({ file, variants }: ListedImage, name: VariantName, link: Link, isListed: boolean): SizeView | null {
  const formats: Partial<Record<VariantFormat, FormatView>> = {};
  let best: SizeView | null = null;
  for (const format of FORMATS) {
    const made = variants.find((variant) => variant.name === name && variant.format === format);
    if (made === undefined) continue;
    const { mimeType } = VARIANT_FORMATS[format];
    const named = { id: file.id, name: sizeFileName(file.name, name, format) };
    const view = viewPixels(made, mimeType, link(named, { key: made.key, etag: made.etag, mimeType }));
    if (isListed) return view;
    best ??= { ...view, formats };
    const { url, size, bytes, type } = view;
    formats[format] = { url, size, bytes, type };
  }
  return best;
}

function viewPixels(
  { bytes, width, height }: Pick<MadeSize, "bytes" | "width" | "height">,
  mimeType: string,
  url: string,
): SizeView {
  return { url, size: sizeText(bytes), bytes, type: mimeType, width, height };
}

export function viewShare({ tokenHash: _, ...share }: Share): ShareView {
  return share;
}

export function viewStatus({ id, status, errorDetail, thumbHash, dominantColour }: Image): ImageStatusView {
  return { id, status, errorMessage: errorDetail, thumbHash, dominantColour };
}

export function viewJob(job: Job): JobView {
  return {
    jobId: job.id,
    imageId: job.imageId,
    kind: job.kind,
    formats: job.formats,
    status: job.status,
    attempts: job.attempts,
    errorMessage: job.errorDetail,
    createdAt: job.createdAt,
    finishedAt: job.finishedAt,
  };
}
