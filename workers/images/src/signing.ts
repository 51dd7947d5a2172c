/** What a link opens, all of it under its signature. */
export interface LinkClaims {
  fileId: string;
  /** The object's key in the bucket. */
  key: string;
  mimeType: string;
  etag: string;
  /** The name the bytes are saved under. */
  name: string;
  /** Unix seconds. */
  expires: number;
}

const HOUR_SECONDS = 3_600;
/** A link works for at least this long; rounding up makes it at most an hour more. */
const LINK_SECONDS = HOUR_SECONDS;
/** Whatever was signed, nobody may open a link for longer. */
const LINK_SECONDS_MAX = 7 * 24 * HOUR_SECONDS;

/**
 * When a link that is made now runs out (Unix seconds). On the full hour: within an hour every list gives the same
 * URLs, so that browsers keep their copies.
 */
export function linkExpiry(now: number, seconds = LINK_SECONDS): number {
  const earliest = now / 1_000 + Math.min(seconds, LINK_SECONDS_MAX - HOUR_SECONDS);
  return Math.ceil(earliest / HOUR_SECONDS) * HOUR_SECONDS;
}

/** The signed path of a link. */
export async function signLink(secret: string, claims: LinkClaims): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", await importKey(secret), canonicalText(claims));
  const query = new URLSearchParams({
    key: claims.key,
    type: claims.mimeType,
    etag: claims.etag,
    name: claims.name,
    expires: String(claims.expires),
    signature: toHex(new Uint8Array(signature)),
  });
  return `/uploads/${claims.fileId}?${query}`;
}

/** The claims of a link, null where the signature is not ours. Whether it has run out is the caller's question. */
export async function readLink(secret: string, fileId: string, query: URLSearchParams): Promise<LinkClaims | null> {
  const text = (name: string) => query.get(name) ?? "";
  const claims: LinkClaims = {
    fileId,
    key: text("key"),
    mimeType: text("type"),
    etag: text("etag"),
    name: text("name"),
    expires: Number(text("expires")),
  };
  if (!/^\d{1,12}$/.test(text("expires")) || !/^[0-9a-f]{64}$/.test(text("signature"))) return null;
  const signature = fromHex(text("signature"));
  // `verify` compares in constant time.
  const isOurs = await crypto.subtle.verify("HMAC", await importKey(secret), signature, canonicalText(claims));
  return isOurs ? claims : null;
}

/** One text per set of claims: JSON keeps the fields apart whatever they contain. */
function canonicalText(claims: LinkClaims): Uint8Array<ArrayBuffer> {
  const { fileId, key, mimeType, etag, name, expires } = claims;
  return Uint8Array.from(
    new TextEncoder().encode(JSON.stringify(["halftone-link", fileId, key, mimeType, etag, name, expires])),
  );
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(hex.length / 2);
  return bytes.map((_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}

let imported: { secret: string; key: CryptoKey } | null = null;

async function importKey(secret: string): Promise<CryptoKey> {
  if (imported?.secret === secret) return imported.key;
  const bytes = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  imported = { secret, key };
  return key;
}
