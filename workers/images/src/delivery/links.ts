import type { Link } from "../files/view.ts";
import { cutsForOthers, type StripMode } from "../privacy/leaving.ts";
import { linkExpiry, type SigningSecrets, signLink } from "./signing.ts";

/**
 * A maker of signed, absolute URLs below an origin. All it makes run out at the same time.
 * @param seconds how long they work at least
 */
export function linkMaker(
  settings: SigningSecrets & { STRIP_METADATA: StripMode },
  origin: string,
  seconds?: number,
): Link {
  const expires = linkExpiry(Date.now(), seconds);
  return (file, { key, mimeType, etag, ...object }) => {
    const cuts = cutsForOthers(settings.STRIP_METADATA, object.cuts);
    const path = signLink(settings, { fileId: file.id, key, mimeType, etag, name: file.name, cuts, expires });
    return `${origin}${path}`;
  };
}
