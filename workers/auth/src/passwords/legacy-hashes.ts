import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { compareSync } from "bcryptjs";
import type { ScryptCost } from "../../../../shared/accounts/stored-hash.ts";

/** Production refuses more iterations of its native PBKDF2 than this; a local workerd does not. */
const NATIVE_ITERATIONS_MAX = 100_000;

const encoder = new TextEncoder();

/**
 * Whether the password is the one behind a bcrypt hash, judged as the source system's library (Go's) did: only its
 * first 72 bytes count, and a NUL is a byte like any other. C libraries stop at a NUL, so a password with one could
 * be stored through Go only. Blocks the isolate: more than a second at cost 14.
 */
export function isBcryptPassword(password: string, hash: string): boolean {
  return compareSync(password, hash);
}

interface Pbkdf2Hash {
  iterations: number;
  salt: string;
  /** Hexadecimal. */
  digest: string;
}

interface ScryptHash {
  cost: ScryptCost;
  salt: string;
  /** Hexadecimal. */
  digest: string;
}

/** Whether the password is the one behind a PBKDF2-HMAC-SHA-256 digest (RFC 8018 §5.2). */
export async function isPbkdf2Password(password: string, hash: Pbkdf2Hash): Promise<boolean> {
  const digest =
    hash.iterations <= NATIVE_ITERATIONS_MAX ? await nativePbkdf2(password, hash) : ownPbkdf2(password, hash);
  return isSameDigest(digest, hash.digest);
}

/** Whether the password is the one behind an scrypt digest (RFC 7914). */
export function isScryptPassword(password: string, hash: ScryptHash): boolean {
  const { N, r, p } = hash.cost;
  const digest = scrypt(encoder.encode(password), encoder.encode(hash.salt), {
    N,
    r,
    p,
    dkLen: hash.digest.length / 2,
  });
  return isSameDigest(digest, hash.digest);
}

async function nativePbkdf2(password: string, { iterations, salt, digest }: Pbkdf2Hash): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(password), "PBKDF2", false, ["deriveBits"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: encoder.encode(salt), iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(derivation, key, digest.length * 4));
}

function ownPbkdf2(password: string, { iterations, salt, digest }: Pbkdf2Hash): Uint8Array {
  const options = { c: iterations, dkLen: digest.length / 2 };
  return pbkdf2(sha256, encoder.encode(password), encoder.encode(salt), options);
}

function isSameDigest(digest: Uint8Array, hexadecimal: string): boolean {
  const stored = Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return stored.length === digest.length && crypto.subtle.timingSafeEqual(digest, stored);
}
