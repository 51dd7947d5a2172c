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

/** What sizes can be stored as, and how their files end. WebP is smaller; JPEG is what every client understands. */
export const VARIANT_FORMATS = {
  webp: { mimeType: "image/webp", extension: "webp" },
  jpeg: { mimeType: "image/jpeg", extension: "jpg" },
} as const;

export type VariantFormat = keyof typeof VARIANT_FORMATS;

/** Every format, the better first: of an image that has several, the first is what is answered to who takes any. */
export const FORMATS = ["webp", "jpeg"] as const satisfies readonly VariantFormat[];

/** Every size a client may ask for, smallest first; `original` is the upload as it came. */
export const SIZES = ["thumbnail", "small", "medium", "large", "original"] as const;
export type SizeName = (typeof SIZES)[number];

export const VARIANT_NAMES = ["thumbnail", "small", "medium", "large"] as const satisfies readonly VariantName[];
