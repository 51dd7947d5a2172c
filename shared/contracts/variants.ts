/** `cover` fills the box and crops the rest; `inside` keeps the whole picture and its aspect ratio. */
export type Fit = "cover" | "inside";

/**
 * The sizes that are made of every photo (S2.63, C13). Boxes are in pixels, width × height.
 * Nothing is ever enlarged: a smaller source keeps its size, a smaller thumbnail is its largest centred square.
 */
export const VARIANTS = {
  thumbnail: { width: 150, height: 150, fit: "cover" },
  small: { width: 480, height: 480, fit: "inside" },
  medium: { width: 1024, height: 1024, fit: "inside" },
  large: { width: 1920, height: 1920, fit: "inside" },
} as const satisfies Record<string, { width: number; height: number; fit: Fit }>;

export type VariantName = keyof typeof VARIANTS;

/** What sizes are stored as, and how their files end. WebP is smaller; JPEG is what the sources made. */
export const VARIANT_FORMATS = {
  webp: { mimeType: "image/webp", extension: "webp" },
  jpeg: { mimeType: "image/jpeg", extension: "jpg" },
} as const;

export type VariantFormat = keyof typeof VARIANT_FORMATS;

/** The ending of a file of a size. Sizes are never stored as anything else. */
export function variantExtension(mimeType: string): string {
  const formats = Object.values(VARIANT_FORMATS);
  return formats.find((format) => format.mimeType === mimeType)?.extension ?? VARIANT_FORMATS.webp.extension;
}

/** Every size a client may ask for, smallest first; `original` is the upload as it came. */
export const SIZES = ["thumbnail", "small", "medium", "large", "original"] as const;
export type SizeName = (typeof SIZES)[number];

export const VARIANT_NAMES = ["thumbnail", "small", "medium", "large"] as const satisfies readonly VariantName[];
