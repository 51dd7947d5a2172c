import { Scan } from "./scan.ts";
import { walkJpeg } from "./walk-jpeg.ts";
import { walkPng } from "./walk-png.ts";
import { WebpRoute } from "./walk-webp.ts";

/** A scan of a file of that type, by its content; null for types that leave as they came. */
export function scanOf(mimeType: string): Scan | null {
  switch (mimeType) {
    case "image/jpeg":
      return new Scan({ walk: walkJpeg });
    case "image/png":
      return new Scan({ walk: walkPng });
    case "image/webp":
      return new Scan(new WebpRoute());
    default:
      return null;
  }
}
