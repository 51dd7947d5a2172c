import type { ImageDetails, SizeView } from "../../../../shared/contracts/images.ts";
import { SIZES, type SizeName } from "../../../../shared/contracts/variants.ts";

export const SIZE_LABELS = {
  thumbnail: "Thumbnail",
  small: "Small",
  medium: "Medium",
  large: "Large",
  original: "Original",
} as const satisfies Record<SizeName, string>;

const EXTENSIONS: Record<string, string> = { "image/jpeg": "jpg", "image/svg+xml": "svg" };

/** The size to show: the wanted one when the photo has it, else the largest that is made for screens, else the original. */
export function pickSize(sizes: ImageDetails["sizes"], wanted: string | null): SizeName | null {
  const choices = [SIZES.find((name) => name === wanted), "large", "original"] as const;
  return choices.find((name) => name !== undefined && sizes[name] !== undefined) ?? null;
}

/** The name to save a size under: the original keeps its own, `beach.jpg` in small is `beach-small.webp`. */
export function fileNameOf(originalName: string, name: SizeName, size: SizeView): string {
  if (name === "original") return originalName;
  const stem = originalName.replace(/\.[^.]+$/, "");
  const extension = EXTENSIONS[size.type] ?? size.type.replace(/^image\//, "");
  return `${stem}-${name}.${extension}`;
}
