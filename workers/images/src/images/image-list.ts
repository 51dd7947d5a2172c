import * as z from "zod";
import { ImageStatus } from "../../../../shared/contracts/images.ts";
import { Paging } from "../../../../shared/http/paging.ts";
import { isId } from "../../../../shared/ids.ts";
import { Signing } from "../delivery/link-life.ts";
import type { Image } from "../schema.ts";

/** What a list of photos can be sorted by; with `-` in front the other way round. */
export const IMAGE_SORTS = ["uploadedAt", "-uploadedAt", "originalName", "-originalName", "bytes", "-bytes"] as const;
export type ImageSort = (typeof IMAGE_SORTS)[number];

const SEARCH_MAX = 100;
/** An id and, where every character takes nine, a percent-encoded name. */
const CURSOR_MAX = 2_500;

/** What a list of photos can be asked for. */
export const ImageQuery = Paging.extend({
  cursor: z.string().max(CURSOR_MAX).optional(),
  status: ImageStatus.optional(),
  search: z.string().trim().normalize().max(SEARCH_MAX).describe("in the names, upper and lower case alike").optional(),
  sort: z.enum(IMAGE_SORTS).default("-uploadedAt"),
  expand: z.literal("sizes").optional(),
  ...Signing.shape,
})
  .refine(({ cursor, sort }) => cursor === undefined || readPosition(sort, cursor) !== null, {
    message: "is not a cursor of a list with this sort",
    path: ["cursor"],
  })
  .transform(({ cursor, ...listing }) => ({
    ...listing,
    after: cursor === undefined ? null : readPosition(listing.sort, cursor),
  }));
export type ImageListing = Omit<z.output<typeof ImageQuery>, "expand" | "sign">;

/** Where in a list a page ended. Ids sort by time, so they tell the time of the upload too. */
export interface Position {
  id: string;
  /** What the list is sorted by, where that is not the time. */
  value?: string | number;
}

/** The cursor of the page behind an image. */
export function cursorBehind(sort: ImageSort, image: Pick<Image, "id" | "originalName" | "bytes">): string {
  if (sort.endsWith("originalName")) return `${image.id}.${encodeURIComponent(image.originalName)}`;
  return sort.endsWith("bytes") ? `${image.id}.${image.bytes}` : image.id;
}

/** Null for what is no cursor of a list that is sorted so. */
function readPosition(sort: ImageSort, cursor: string): Position | null {
  const [id = "", ...rest] = cursor.split(".");
  if (!isId(id)) return null;
  const text = rest.join(".");
  if (sort.endsWith("uploadedAt")) return text === "" ? { id } : null;
  if (sort.endsWith("bytes")) return /^\d{1,15}$/.test(text) ? { id, value: Number(text) } : null;
  const name = decodeName(text);
  return name === null || name === "" ? null : { id, value: name };
}

function decodeName(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
