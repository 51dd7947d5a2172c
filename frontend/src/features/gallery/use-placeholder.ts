import { useMemo } from "react";
import { thumbHashToDataURL } from "thumbhash";

/**
 * The blurred picture that a ThumbHash stands for, as a `data:` address; null where there is none.
 * @param thumbHash base64
 */
export function usePlaceholder(thumbHash: string | null): string | null {
  return useMemo(() => (thumbHash === null ? null : thumbHashToDataURL(bytesOf(thumbHash))), [thumbHash]);
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
