import { type Dictionary, isInnerList, parseDictionary } from "structured-headers";
import { fail, ok, type Result } from "../../../../shared/result.ts";

/** The algorithms of RFC 9530 §5 that are not broken, the one that counts first. */
const ALGORITHMS = [
  { name: "sha-512", hash: "SHA-512" },
  { name: "sha-256", hash: "SHA-256" },
] as const;

interface ContentDigest {
  hash: "SHA-512" | "SHA-256";
  bytes: ArrayBuffer;
}

/** A body on its way, which breaks off before its last piece when it is not the one that was signed. */
export interface CheckedBody {
  body: ReadableStream<Uint8Array> | null;
  /** Whether it broke off: what a service then answers is not for the caller. */
  isForged(): boolean;
}

/**
 * Holds the body of a signed request to its Content-Digest (RFC 9530), which the signature covers. The bytes stream
 * through; the last piece waits until the digest of all of them is known, so no service ever has the whole of a body
 * that nobody signed. One that acts without reading its body does what method, path and query say, which are signed.
 */
export function checkBody(request: Request): Result<CheckedBody, "invalid_digest"> {
  const length = request.headers.get("Content-Length");
  if (request.body === null || length === "0") return ok({ body: null, isForged: () => false });
  const expected = readContentDigest(request.headers.get("Content-Digest") ?? "");
  if (expected === null) {
    return fail("invalid_digest", "A signed request with a body needs a Content-Digest by sha-256 or sha-512.");
  }
  const check = checkDigest(expected);
  const checked = request.body.pipeThrough(check.stream);
  // A declared length stays declared: services store what has one without a buffer.
  const body = length === null ? checked : checked.pipeThrough(new FixedLengthStream(Number(length)));
  return ok({ body, isForged: check.hasFailed });
}

function readContentDigest(header: string): ContentDigest | null {
  const digests = parseDigests(header);
  for (const { name, hash } of ALGORITHMS) {
    const member = digests.get(name);
    if (member === undefined || isInnerList(member)) continue;
    const [bytes] = member;
    if (bytes instanceof ArrayBuffer) return { hash, bytes };
  }
  return null;
}

/** The members of the header, none where it cannot be read. */
function parseDigests(header: string): Dictionary {
  try {
    return parseDictionary(header);
  } catch {
    return new Map();
  }
}

function checkDigest({ hash, bytes }: ContentDigest) {
  const digest = new crypto.DigestStream(hash);
  const writer = digest.getWriter();
  let waiting: Uint8Array | null = null;
  let hasFailed = false;
  const stream = new TransformStream<Uint8Array, Uint8Array>({
    async transform(piece, controller) {
      if (waiting !== null) controller.enqueue(waiting);
      waiting = piece;
      await writer.write(piece);
    },
    async flush(controller) {
      await writer.close();
      hasFailed = !isSame(await digest.digest, bytes);
      if (hasFailed) controller.error(new Error("the body does not match its Content-Digest"));
      else if (waiting !== null) controller.enqueue(waiting);
    },
  });
  return { stream, hasFailed: () => hasFailed };
}

function isSame(a: ArrayBuffer, b: ArrayBuffer): boolean {
  return a.byteLength === b.byteLength && crypto.subtle.timingSafeEqual(a, b);
}
