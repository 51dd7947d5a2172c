/** The formats whose pixels the product reads. */
export type ImageFormat = "jpeg" | "png" | "webp";

/** EXIF tag 0x0112: how the stored pixels must be turned to be upright. 1 is upright, 5 to 8 stand on their side. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What an image says of itself before any pixel is decoded. Nothing of it is proven until the decode agrees. */
export interface ImageHeader {
  format: ImageFormat;
  /** Pixels, as stored: not yet turned by `orientation`. */
  width: number;
  height: number;
  orientation: Orientation;
  /** A progressive JPEG or an interlaced PNG: its decoder must hold the whole picture. */
  progressive: boolean;
  /** Colour channels and alpha as stored: 1 grey or palette, 2 grey and alpha, 3 colour, 4 colour and alpha or CMYK. */
  components: number;
  /** Samples stored for each pixel: fewer than its components where a JPEG keeps its colours coarser than its light. */
  samplesPerPixel: number;
  /** A WebP that keeps, or may keep, every pixel exactly: its decoder needs more room. */
  lossless: boolean;
  /** Bits per channel. */
  bitDepth: number;
  alpha: boolean;
  animated: boolean;
}

/**
 * What reading a header gave: the header; `incomplete` when it goes on beyond the bytes at hand;
 * `garbled` when no more bytes would help.
 */
export type HeaderReading = ImageHeader | "incomplete" | "garbled";

/** Width and height as people see the picture: swapped where the orientation lays it on its side. */
export function displayedSize(header: Pick<ImageHeader, "width" | "height" | "orientation">) {
  const { width, height, orientation } = header;
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}
