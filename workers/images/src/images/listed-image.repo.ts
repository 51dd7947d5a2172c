import { sql } from "drizzle-orm";
import { files, type Image, images, type MadeSize, type StoredFile } from "../schema.ts";

/** An image as a list tells of it. */
export interface ListedImage {
  image: Omit<Image, "userId" | "generation" | "errorCode">;
  file: Omit<StoredFile, "userId" | "version" | "createdAt" | "lostAt">;
  variants: MadeSize[];
}

/** The sizes of an image as one column, so that a list needs one question: one array for each, in this order. */
const MADE_SIZES = sql`(
  SELECT json_group_array(json_array(name, format, key, width, height, bytes, etag))
  FROM variant WHERE image_id = ${images.id})`;

type SizeRow = [MadeSize["name"], MadeSize["format"], string, number, number, number, string];

/**
 * What is read of each image of a list, in the order of `ListedRow`. Each column costs something a hundred times, so what
 * image and file have in common is read of the image alone.
 */
export const LISTED_COLUMNS = {
  id: images.id,
  name: images.originalName,
  bytes: images.bytes,
  status: images.status,
  width: images.width,
  height: images.height,
  uploadedAt: images.uploadedAt,
  processedAt: images.processedAt,
  errorDetail: images.errorDetail,
  thumbHash: images.thumbHash,
  dominantColour: images.dominantColour,
  mimeType: files.mimeType,
  key: files.key,
  etag: files.etag,
  sha256: files.sha256,
  cuts: files.cuts,
  metadataFound: files.metadataFound,
  visibility: files.visibility,
  sizes: MADE_SIZES,
};

/** A row as the database sends it: what is kept as JSON is still text. */
export type ListedRow = [
  id: string,
  name: string,
  bytes: number,
  status: Image["status"],
  width: number,
  height: number,
  uploadedAt: string,
  processedAt: string | null,
  errorDetail: string | null,
  thumbHash: string | null,
  dominantColour: string | null,
  mimeType: string,
  key: string,
  etag: string,
  sha256: string | null,
  cuts: string | null,
  metadataFound: string | null,
  visibility: StoredFile["visibility"],
  sizes: string,
];

/** By hand: the query builder's own mapping takes longer for a page than the database does. */
export function readListed(row: ListedRow): ListedImage {
  const [
    id,
    name,
    bytes,
    status,
    width,
    height,
    uploadedAt,
    processedAt,
    errorDetail,
    thumbHash,
    dominantColour,
    mimeType,
    key,
    etag,
    sha256,
    cuts,
    metadataFound,
    visibility,
    sizes,
  ] = row;
  return {
    image: {
      id,
      originalName: name,
      bytes,
      status,
      width,
      height,
      uploadedAt,
      processedAt,
      errorDetail,
      thumbHash,
      dominantColour,
    },
    file: {
      id,
      name,
      bytes,
      mimeType,
      key,
      etag,
      sha256,
      cuts,
      metadataFound: metadataFound === null ? null : JSON.parse(metadataFound),
      visibility,
    },
    variants: readSizes(sizes),
  };
}

function readSizes(json: string): MadeSize[] {
  const rows: SizeRow[] = JSON.parse(json);
  return rows.map(([name, format, key, width, height, bytes, etag]) => ({
    name,
    format,
    key,
    width,
    height,
    bytes,
    etag,
  }));
}
