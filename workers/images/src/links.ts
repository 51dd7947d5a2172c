import { linkExpiry, signLink } from "./signing.ts";
import type { Link } from "./view.ts";

/** A maker of signed, absolute URLs below an origin. All it makes run out at the same time. */
export function linkMaker(secret: string, origin: string): Link {
  const expires = linkExpiry(Date.now());
  return async (file, { key, mimeType, etag }) => {
    const path = await signLink(secret, { fileId: file.id, key, mimeType, etag, name: file.name, expires });
    return `${origin}${path}`;
  };
}
