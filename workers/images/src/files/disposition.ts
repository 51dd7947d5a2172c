import { VARIANT_FORMATS, type VariantFormat } from "../../../../shared/contracts/variants.ts";

/** Longest file name that is kept, in UTF-16 units. */
const NAME_MAX = 255;
const UNNAMED = "unnamed";

/** A parameter of a header value, quoted or not: `name="a \"b\""`. */
export function parameterOf(header: string, name: string): string | null {
  const pattern = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, "i");
  const match = pattern.exec(header);
  if (match === null) return null;
  const [, quoted, plain] = match;
  return quoted === undefined ? (plain ?? null) : unquoted(quoted);
}

/**
 * Browsers write a quote in a name as `%22` or `\"`, and a Windows path's backslashes as they are (RFC 7578 §4.2,
 * HTML "multipart/form-data encoding"): only the escaped quote and backslash are read as escapes.
 */
function unquoted(text: string): string {
  return text.replace(/\\(["\\])/g, "$1").replaceAll("%22", '"');
}

/** The file name of a Content-Disposition: `filename*` (RFC 8187) before `filename`, null when it has neither. */
export function fileNameOf(disposition: string): string | null {
  const extended = parameterOf(disposition, "filename\\*");
  const encoded = extended === null ? null : /^utf-8'[^']*'(.*)$/i.exec(extended)?.[1];
  if (encoded !== null && encoded !== undefined) return decodePercent(encoded);
  return parameterOf(disposition, "filename");
}

/** Percent-decoded text, or the text itself where it is not percent-encoded UTF-8. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A name as it is stored: the last piece of a path, without control characters, at most 255 long. */
export function cleanName(given: string | null): string {
  const last = (given ?? "").split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "")
    .trim()
    .slice(0, NAME_MAX)
    .toWellFormed();
  return clean === "" || clean === "." || clean === ".." ? UNNAMED : clean;
}

/** The name that one size of a photo is saved under: `sea.png` becomes `sea-small.webp`. */
export function sizeFileName(original: string, size: string, format: VariantFormat): string {
  return `${original.replace(/\.[^.]*$/, "")}-${size}.${VARIANT_FORMATS[format].extension}`;
}

/** A Content-Disposition with the name in ASCII for old clients and in UTF-8 (RFC 6266, RFC 8187). */
export function writeDisposition(kind: "inline" | "attachment", name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
