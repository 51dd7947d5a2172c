import * as z from "zod";
import { FORMATS, SIZES } from "./variants.ts";

export const ImageStatus = z.enum(["pending", "processing", "complete", "failed"]);
export type ImageStatus = z.output<typeof ImageStatus>;

/**
 * Why there is a resize job: `eager` makes the sizes of a new photo, or again those of one that failed; `on_demand` adds
 * a format that a client has asked for to a photo that is complete.
 */
export const JobKind = z.enum(["eager", "on_demand"]);
export type JobKind = z.output<typeof JobKind>;

const sha256 = z
  .string()
  .nullable()
  .describe("of the bytes as uploaded, hexadecimal; null for files of before it was taken");

/**
 * What a photo's file tells beside the picture. `other` is what nobody is known to need: a maker's own segments and
 * chunks.
 */
export const MetadataKind = z.enum([
  "exif",
  "gps",
  "serial_number",
  "maker_notes",
  "thumbnail",
  "xmp",
  "iptc",
  "comment",
  "text",
  "time",
  "content_credentials",
  "extra_pictures",
  "appended_data",
  "other",
]);
export type MetadataKind = z.output<typeof MetadataKind>;

/** What the original tells beside the picture; null for photos from before files were looked at. */
const MetadataView = z
  .object({
    found: z.array(MetadataKind),
    removedFor: z.enum(["others", "everybody", "nobody"]).describe("whoever it is that is not sent it"),
  })
  .meta({ ref: "Metadata" });
/** Who may read a file's bytes without a link: its owner, or everybody (C16). */
export const VISIBILITIES = ["private", "public"] as const;
const Visibility = z.enum(VISIBILITIES).describe("a key needs `images:share` to change it");

const NAME_MAX = 255;
const FileName = z.string().trim().min(1).max(NAME_MAX);

/** `PATCH /api/files/:id`: what is left out stays. */
export const FileChanges = z
  .strictObject({ name: FileName.optional(), visibility: Visibility.optional() })
  .meta({ ref: "FileChanges", examples: [{ visibility: "public" }] });

/** `PATCH /api/images/:id`: the same in the words of a photo. */
export const ImageChanges = z
  .strictObject({ originalName: FileName.optional(), visibility: Visibility.optional() })
  .meta({ ref: "ImageChanges", examples: [{ originalName: "lake.jpg", visibility: "public" }] });

/** As many as a page of a list has. */
export const SELECTION_MAX = 100;

/** `POST /api/files/zip`: which files, in this order. */
export const FileSelection = z
  .strictObject({ ids: z.array(z.string().max(64)).min(1).max(SELECTION_MAX) })
  .meta({ ref: "FileSelection", examples: [{ ids: ["0198c0de-0000-7000-8000-000000000001"] }] });

/** A stored file in the source's spelling (S4.20); `url` is absolute and signed, `path` the stable address. */
export const FileView = z
  .object({
    id: z.string(),
    user_id: z.string(),
    name: z.string(),
    size: z.number().int().describe("bytes"),
    mime_type: z.string(),
    sha256,
    metadata_found: z
      .array(MetadataKind)
      .nullable()
      .describe("what a photo tells beside the picture, such as where it was taken; null where nobody has looked"),
    created: z.iso.datetime(),
    url: z.url(),
    path: z.string(),
    visibility: Visibility,
  })
  .meta({ ref: "File" });
export type FileView = z.output<typeof FileView>;

/** The answer to an upload. A photo adds the image's fields (S2.41); any other file has S4's alone (C9). */
export const UploadView = FileView.extend({
  message: z.string(),
  imageId: z.string().optional(),
  jobId: z.string().optional(),
  status: ImageStatus.optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
}).meta({ ref: "Upload" });
export type UploadView = z.output<typeof UploadView>;

/** What stands in for a picture while it loads; null until the image is complete. */
const placeholder = {
  thumbHash: z.string().nullable().describe("base64; see https://evanw.github.io/thumbhash"),
  dominantColour: z.string().nullable().describe("#rrggbb; null also where every pixel is transparent"),
};

/** One image in a list (S2.42). Width and height are the original's, upright, in pixels. */
export const ImageSummary = z
  .object({
    id: z.string(),
    originalName: z.string(),
    status: ImageStatus,
    width: z.number().int(),
    height: z.number().int(),
    ...placeholder,
    uploadedAt: z.iso.datetime(),
    processedAt: z.iso.datetime().nullable(),
  })
  .meta({ ref: "ImageSummary" });
export type ImageSummary = z.output<typeof ImageSummary>;

export const ImageList = z.object({ images: z.array(ImageSummary) }).meta({ ref: "ImageList" });
export type ImageList = z.output<typeof ImageList>;

/** The bytes of one size in one format. `size` is the source's text form of `bytes` (C12). */
export const FormatView = z
  .object({ url: z.url(), size: z.string(), bytes: z.number().int(), type: z.string() })
  .meta({ ref: "ImageFormat" });
export type FormatView = z.output<typeof FormatView>;

/**
 * One size of an image (S2.43): the best format that is made of it, and all of them under `formats`. The original has
 * no `formats`: it is as it came.
 */
export const SizeView = FormatView.extend({
  width: z.number().int(),
  height: z.number().int(),
  formats: z.partialRecord(z.enum(FORMATS), FormatView).optional(),
}).meta({ ref: "ImageSize" });
export type SizeView = z.output<typeof SizeView>;

/** All there is to know of one image. `sizes` holds `original` from the start, the others when complete. */
export const ImageDetails = ImageSummary.extend({
  visibility: Visibility,
  sizes: z.partialRecord(z.enum(SIZES), SizeView),
  metadata: MetadataView.nullable(),
  sha256,
  errorMessage: z.string().nullable(),
}).meta({ ref: "ImageDetails" });
export type ImageDetails = z.output<typeof ImageDetails>;

/** A page of a gallery: all its sizes, each in its best format. */
export const ExpandedImageList = z.object({ images: z.array(ImageDetails) }).meta({ ref: "ExpandedImageList" });
export type ExpandedImageList = z.output<typeof ExpandedImageList>;

/** `GET /api/images/:id/status` (S2.44). */
export const ImageStatusView = z
  .object({ id: z.string(), status: ImageStatus, errorMessage: z.string().nullable(), ...placeholder })
  .meta({ ref: "ImageStatus" });
export type ImageStatusView = z.output<typeof ImageStatusView>;

/** What `GET /api/images/events` says of a photo: its status, as it became at that time. */
export const ImageUpdate = ImageStatusView.extend({
  status: z.enum([...ImageStatus.options, "deleted"]),
  jobId: z.string().nullable().describe("the job that makes its sizes; null when it is deleted or lost"),
  at: z.iso.datetime(),
}).meta({ ref: "ImageUpdate" });
export type ImageUpdate = z.output<typeof ImageUpdate>;

/** `GET /api/jobs/:id` (S2.70). */
export const JobView = z
  .object({
    jobId: z.string(),
    imageId: z.string(),
    kind: JobKind,
    formats: z.array(z.enum(FORMATS)),
    status: ImageStatus,
    attempts: z.number().int(),
    errorMessage: z.string().nullable(),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .meta({ ref: "Job" });
export type JobView = z.output<typeof JobView>;
