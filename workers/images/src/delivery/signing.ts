import { fromHex } from "../../../../shared/hex.ts";
import { LinkSigner } from "./link-signer.ts";

/** What a link opens, all of it under its signature. */
export interface LinkClaims {
  fileId: string;
  /** The object's key in the bucket. */
  key: string;
  mimeType: string;
  etag: string;
  /** The name the bytes are saved under. */
  name: string;
  /** What of the object is left out, in its text form; absent where it goes out whole. */
  cuts?: string;
  /** Unix seconds. */
  expires: number;
}

/** The secrets of links: one signs, and while it changes the one before it still opens. */
export interface SigningSecrets {
  SIGNING_SECRET: string;
  SIGNING_SECRET_PREVIOUS?: string;
}

const HOUR_SECONDS = 3_600;
/** A link works for at least this long; rounding up makes it at most an hour more. */
export const LINK_SECONDS = HOUR_SECONDS;
/** Whatever was signed, nobody may open a link for longer. */
export const LINK_SECONDS_MAX = 7 * 24 * HOUR_SECONDS;

/**
 * When a link that is made now runs out (Unix seconds). On the full hour: within an hour every list gives the same
 * URLs, so that browsers keep their copies.
 */
export function linkExpiry(now: number, seconds = LINK_SECONDS): number {
  const earliest = now / 1_000 + Math.min(seconds, LINK_SECONDS_MAX - HOUR_SECONDS);
  return Math.ceil(earliest / HOUR_SECONDS) * HOUR_SECONDS;
}

/** A signed link below an origin. Joined, not added: JSON of text that was added up takes twice as long. */
export function signLink({ SIGNING_SECRET }: SigningSecrets, claims: LinkClaims, origin = ""): string {
  const path = unsignedPath(claims);
  return [origin, path, "&signature=", signerBy(SIGNING_SECRET).sign(path)].join("");
}

/** What ids, keys, types and ETags are made of. A query may have it as it is, and none of it ends a field. */
const PLAIN = /^[\w./-]*$/;

/**
 * What is signed: one text per set of claims, as nothing in a field ends it. Plain fields stand as they are: a page of a
 * gallery has 500 links, and to encode all fields costs as much as the signature. They begin alike as far as possible,
 * for the signer.
 */
function unsignedPath({ fileId, key, mimeType, etag, name, cuts, expires }: LinkClaims): string {
  const object = `key=${key}&type=${mimeType}&etag=${etag}`;
  const path = `/uploads/${fileId}?expires=${expires}&${object}&name=${encodeURIComponent(name)}`;
  return cuts === undefined ? path : `${path}&cuts=${encodeURIComponent(cuts)}`;
}

/** Of this isolate, by the secret that signs now. */
let signer: { secret: string; by: LinkSigner } | null = null;

function signerBy(secret: string): LinkSigner {
  if (signer?.secret !== secret) signer = { secret, by: new LinkSigner(secret) };
  return signer.by;
}

/** The claims of a link, null where the signature is not ours. Whether it has run out is the caller's question. */
export async function readLink(
  secrets: SigningSecrets,
  fileId: string,
  query: ReadonlyMap<string, string>,
): Promise<LinkClaims | null> {
  const text = (name: string) => query.get(name) ?? "";
  const claims: LinkClaims = {
    fileId,
    key: text("key"),
    mimeType: text("type"),
    etag: text("etag"),
    name: text("name"),
    cuts: query.get("cuts"),
    expires: Number(text("expires")),
  };
  const { key, mimeType, etag } = claims;
  // What is not plain could pretend to be several fields.
  if (![fileId, key, mimeType, etag].every((field) => PLAIN.test(field))) return null;
  if (!/^\d{1,12}$/.test(text("expires")) || !/^[0-9a-f]{64}$/.test(text("signature"))) return null;
  const isOurs = await isSigned(secrets, encode(unsignedPath(claims)), fromHex(text("signature")));
  return isOurs ? claims : null;
}

/**
 * The fields of a query, each with the first value it has; null where it is not encoded as it must be. A URL and its
 * URLSearchParams would be two more objects of the runtime's, which cost more to collect than this costs to read.
 */
export function readQuery(query: string): Map<string, string> | null {
  const fields = new Map<string, string>();
  try {
    for (const pair of query.replaceAll("+", " ").split("&")) {
      const [name = "", ...value] = pair.split("=");
      const field = decodeURIComponent(name);
      if (!fields.has(field)) fields.set(field, decodeURIComponent(value.join("=")));
    }
  } catch {
    return null;
  }
  return fields;
}

type Bytes = Uint8Array<ArrayBuffer>;

async function isSigned({ SIGNING_SECRET, SIGNING_SECRET_PREVIOUS }: SigningSecrets, text: Bytes, signature: Bytes) {
  for (const secret of [SIGNING_SECRET, SIGNING_SECRET_PREVIOUS]) {
    if (secret === undefined) continue;
    // `verify` compares in constant time.
    if (await crypto.subtle.verify("HMAC", await importKey(secret), signature, text)) return true;
  }
  return false;
}

const encoder = new TextEncoder();

function encode(text: string): Bytes {
  return new Uint8Array(encoder.encode(text));
}

/** The keys of this isolate by their secrets, of which there are two at most. */
const imported = new Map<string, CryptoKey>();

async function importKey(secret: string): Promise<CryptoKey> {
  const known = imported.get(secret);
  if (known !== undefined) return known;
  const bytes = encode(secret);
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  imported.set(secret, key);
  return key;
}
