import { parseAccept } from "hono/utils/accept";
import { VARIANT_FORMATS, type VariantFormat } from "../../../../shared/contracts/variants.ts";

/** An Accept header; where there is none, any type will do (RFC 9110 §12.5.1). */
type Accept = string | undefined;

/**
 * The format that a client is to be sent: JPEG where it likes that better, else WebP. JPEG may be the answer though it is
 * not made yet; WebP never is. A client that takes neither is sent what there is: a picture may help it more than a
 * refusal.
 * @param made the formats that exist, at least one
 */
export function chooseFormat(accept: Accept, made: readonly VariantFormat[]): VariantFormat {
  const webp = likingOf(accept, "webp");
  if (likingOf(accept, "jpeg") <= webp) return made.includes("webp") ? "webp" : "jpeg";
  if (made.includes("jpeg")) return "jpeg";
  // Who names WebP can show it and need not wait. A wildcard is no such word: clients older than WebP send it too.
  const canShowWebp = webp > 0 && rangesOf(accept).has(VARIANT_FORMATS.webp.mimeType);
  return canShowWebp ? "webp" : "jpeg";
}

/** How much a client likes a format, from 0 (not taken) to 1: the most specific range that the format is in counts. */
export function likingOf(accept: Accept, format: VariantFormat): number {
  const ranges = rangesOf(accept);
  return ranges.get(VARIANT_FORMATS[format].mimeType) ?? ranges.get("image/*") ?? ranges.get("*/*") ?? 0;
}

function rangesOf(accept: Accept = "*/*"): Map<string, number> {
  return new Map(parseAccept(accept).map(({ type, q }) => [type.toLowerCase(), q]));
}
