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
  return ({ id, name }, { key, mimeType, etag, cuts: ownCuts }) => {
    const cuts = cutsForOthers(settings.STRIP_METADATA, ownCuts);
    return signLink(settings, { fileId: id, key, mimeType, etag, name, cuts, expires }, origin);
  };
}
