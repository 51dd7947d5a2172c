import type { ImageHeader } from "../../shared/image-header/header.ts";

/** The header of a phone's photo of 12 megapixels, but for the changes. */
export function jpegHeader(changes: Partial<ImageHeader>): ImageHeader {
  return {
    format: "jpeg",
    width: 4032,
    height: 3024,
    orientation: 1,
    progressive: false,
    components: 3,
    samplesPerPixel: 1.5,
    lossless: false,
    bitDepth: 8,
    alpha: false,
    animated: false,
    ...changes,
  };
}
