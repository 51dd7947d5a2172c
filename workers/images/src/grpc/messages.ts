import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type {
  FormatView,
  ImageDetails,
  ImageStatus as ImageStatusName,
  SizeView,
  UploadView,
} from "../../../../shared/contracts/images.ts";
import { FORMATS, SIZES, type SizeName } from "../../../../shared/contracts/variants.ts";
import { summariseImage } from "../files/view.ts";
import { ImageQuery } from "../images/image-list.ts";
import type { Image } from "../schema.ts";
import {
  type ImageFormatSchema,
  type ImageSchema,
  type ImageSizeSchema,
  ImageStatus,
  type ListImagesRequest,
  type UploadImageResponseSchema,
  type UploadImageStreamResponseSchema,
} from "./generated/halftone/images/v1/image_delivery_pb.js";

const STATUSES: Record<ImageStatusName, ImageStatus> = {
  pending: ImageStatus.PENDING,
  processing: ImageStatus.PROCESSING,
  complete: ImageStatus.COMPLETE,
  failed: ImageStatus.FAILED,
};

/** What a list is asked for. A client made from a newer .proto may name a status that is not known here. */
export function listQueryOf({ pageSize, pageToken, status }: ListImagesRequest) {
  const named = Object.entries(STATUSES).find(([, value]) => value === status);
  return ImageQuery.safeParse({
    limit: pageSize || undefined,
    cursor: pageToken || undefined,
    status: status === ImageStatus.UNSPECIFIED ? undefined : (named?.[0] ?? "unknown"),
  });
}

/** A photo as a message: what a list says of it, and why it failed. */
export function imageMessage(image: Image): MessageInitShape<typeof ImageSchema> {
  const { status, uploadedAt, processedAt, thumbHash, dominantColour, ...same } = summariseImage(image);
  return {
    ...same,
    status: STATUSES[status],
    uploadedAt: timestamp(uploadedAt),
    processedAt: processedAt === null ? undefined : timestamp(processedAt),
    thumbHash: thumbHash ?? undefined,
    dominantColour: dominantColour ?? undefined,
    errorMessage: image.errorDetail ?? undefined,
  };
}

/** The answer to an upload, which is the same at both doors. */
export function uploadMessage({
  imageId,
  jobId,
  status = "pending",
  size,
  sha256,
  url,
}: UploadView): MessageInitShape<typeof UploadImageResponseSchema> &
  MessageInitShape<typeof UploadImageStreamResponseSchema> {
  return { imageId, jobId, status: STATUSES[status], size: BigInt(size), sha256: sha256 ?? "", url };
}

/** The sizes of a photo, smallest first, with their links. */
export function sizeMessages({ sizes }: Pick<ImageDetails, "sizes">): MessageInitShape<typeof ImageSizeSchema>[] {
  return SIZES.flatMap((name) => {
    const size = sizes[name];
    return size === undefined ? [] : [sizeMessage(name, size)];
  });
}

function sizeMessage(name: SizeName, size: SizeView): MessageInitShape<typeof ImageSizeSchema> {
  const { width, height, formats } = size;
  const made = formats === undefined ? [size] : FORMATS.flatMap((format) => formats[format] ?? []);
  return { name, width, height, formats: made.map(formatMessage) };
}

function formatMessage({ type, bytes, url }: FormatView): MessageInitShape<typeof ImageFormatSchema> {
  return { mimeType: type, size: BigInt(bytes), url };
}

function timestamp(text: string): Timestamp {
  return timestampFromDate(new Date(text));
}
