import { VARIANTS, type VariantName } from "../contracts/variants.ts";
import type { ImageHeader } from "./header.ts";

interface Size {
  width: number;
  height: number;
}

/** Upright width and height of a variant in pixels. Nothing is enlarged. */
export function variantSize(name: VariantName, source: Size): Size {
  const box = VARIANTS[name];
  if (box.fit === "cover") {
    const side = Math.min(box.width, source.width, source.height);
    return { width: side, height: side };
  }
  return scaled(source, Math.min(1, box.width / source.width, box.height / source.height));
}

/**
 * The size in pixels that an original is brought down to while it is decoded, as stored: the smallest of which every
 * variant can be made without enlarging. That is the largest variant's own, unless the picture is so long and thin
 * that the square thumbnail needs a taller one.
 */
export function workingSize({ width, height }: Pick<ImageHeader, "width" | "height">): Size {
  const large = variantSize("large", { width, height });
  const { width: side } = variantSize("thumbnail", { width, height });
  if (Math.min(large.width, large.height) >= side) return large;
  return scaled({ width, height }, side / Math.min(width, height));
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
