import { fail, ok, type Result } from "../result.ts";

/** What a stored password hash says of itself, within what this service is willing to compute. */
export type StoredHash =
  | { scheme: "argon2id"; memoryKib: number; passes: number; lanes: number }
  | { scheme: "bcrypt"; cost: number }
  | { scheme: "pbkdf2"; iterations: number; salt: string; digest: string }
  | { scheme: "scrypt"; cost: ScryptCost; salt: string; digest: string };

/** RFC 7914 §2: N, r and p. */
export interface ScryptCost {
  N: number;
  r: number;
  p: number;
}

/** OWASP's first choice, and what every new hash is made with (C7). */
export const ARGON2ID_COST = { memoryKib: 19_456, passes: 2, lanes: 1 } as const;

// Ceilings. A hash that was crafted to ask for more would hold an isolate, or its 128 MB, for as long as it likes.
const ARGON2_MEMORY_MAX_KIB = 65_536;
const ARGON2_LANES_MAX = 4;
/** Memory times passes, seven times that of a new hash. */
const ARGON2_WORK_MAX = 7 * ARGON2ID_COST.memoryKib * ARGON2ID_COST.passes;
/** About three seconds. The source system used 14. */
const BCRYPT_COST_MIN = 4;
const BCRYPT_COST_MAX = 15;
/** About four seconds; Werkzeug's highest default is 1,000,000. */
const PBKDF2_ITERATIONS_MAX = 1_200_000;
/** N·r·p, the runtime's own cap for its scrypt. */
const SCRYPT_WORK_MAX = 2 ** 20;
/** scrypt needs 128·N·r bytes: 64 MiB, half of an isolate. Werkzeug's default needs 32. */
const SCRYPT_MEMORY_MAX = 64 * 1_024 * 1_024;

/** Milliseconds that one check takes at most: twice what workerd was measured to take, for slower machines. */
const ARGON2_CHECK_MS = 100;
const BCRYPT_COST_10_MS = 200;
const PBKDF2_MS_PER_ITERATION = 0.006;
const SCRYPT_WORK_MAX_MS = 1_200;

const ARGON2ID =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,3}),p=([1-9]\d?)\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,86}$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const PBKDF2 = /^pbkdf2:sha256:([1-9]\d{0,8})\$([\x21-\x23\x25-\x7e]{1,64})\$([0-9a-f]{64})$/;
const SCRYPT = /^scrypt:([1-9]\d{0,8}):([1-9]\d{0,4}):([1-9]\d{0,4})\$([\x21-\x23\x25-\x7e]{1,64})\$([0-9a-f]{128})$/;

export type HashRefusal = "unknown_format" | "too_costly";

/**
 * Reads a stored hash: argon2id as a PHC string, bcrypt in the crypt(3) form, PBKDF2 and scrypt as Werkzeug's
 * `generate_password_hash` writes them. Both the import and each login ask here, so what one takes the other can check.
 */
export function readStoredHash(text: string): Result<StoredHash, HashRefusal> {
  const hash = readArgon2id(text) ?? readBcrypt(text) ?? readPbkdf2(text) ?? readScrypt(text);
  if (hash === null) return fail("unknown_format", "is no hash of a kind that can be checked");
  return isAffordable(hash) ? ok(hash) : fail("too_costly", "asks for more work than a login may cost");
}

function readArgon2id(text: string): StoredHash | null {
  const match = ARGON2ID.exec(text);
  if (match === null) return null;
  return { scheme: "argon2id", memoryKib: Number(match[1]), passes: Number(match[2]), lanes: Number(match[3]) };
}

function readBcrypt(text: string): StoredHash | null {
  const match = BCRYPT.exec(text);
  return match === null ? null : { scheme: "bcrypt", cost: Number(match[1]) };
}

function readPbkdf2(text: string): StoredHash | null {
  const [, iterations, salt, digest] = PBKDF2.exec(text) ?? [];
  if (salt === undefined || digest === undefined) return null;
  return { scheme: "pbkdf2", iterations: Number(iterations), salt, digest };
}

function readScrypt(text: string): StoredHash | null {
  const [, N, r, p, salt, digest] = SCRYPT.exec(text) ?? [];
  if (salt === undefined || digest === undefined) return null;
  return { scheme: "scrypt", cost: { N: Number(N), r: Number(r), p: Number(p) }, salt, digest };
}

function isAffordable(hash: StoredHash): boolean {
  switch (hash.scheme) {
    case "argon2id": {
      const { memoryKib, passes, lanes } = hash;
      // RFC 9106 §3.1: at least eight blocks of a KiB for each lane.
      if (memoryKib < 8 * lanes || memoryKib > ARGON2_MEMORY_MAX_KIB || lanes > ARGON2_LANES_MAX) return false;
      return memoryKib * passes <= ARGON2_WORK_MAX;
    }
    case "bcrypt":
      return hash.cost >= BCRYPT_COST_MIN && hash.cost <= BCRYPT_COST_MAX;
    case "pbkdf2":
      return hash.iterations <= PBKDF2_ITERATIONS_MAX;
    case "scrypt": {
      const { N, r, p } = hash.cost;
      const isPowerOfTwo = N > 1 && Number.isInteger(Math.log2(N));
      return isPowerOfTwo && 128 * N * r <= SCRYPT_MEMORY_MAX && N * r * p <= SCRYPT_WORK_MAX;
    }
  }
}

/** Whether a hash was made as new ones are, and so stays as it is. */
export function isCurrent(hash: StoredHash): boolean {
  if (hash.scheme !== "argon2id") return false;
  const { memoryKib, passes, lanes } = ARGON2ID_COST;
  return hash.memoryKib === memoryKib && hash.passes === passes && hash.lanes === lanes;
}

/**
 * How long every login is made to take while this hash is stored, in milliseconds; null for a current one. Checking an
 * older hash takes longer than checking nobody's, so that without a floor the clock would tell who was imported.
 */
export function loginFloorMs(hash: StoredHash): number | null {
  if (isCurrent(hash)) return null;
  // After the check the password is hashed anew.
  return Math.ceil(checkMs(hash) + ARGON2_CHECK_MS);
}

function checkMs(hash: StoredHash): number {
  switch (hash.scheme) {
    case "argon2id": {
      const work = (hash.memoryKib * hash.passes) / (ARGON2ID_COST.memoryKib * ARGON2ID_COST.passes);
      return ARGON2_CHECK_MS * Math.max(1, work);
    }
    case "bcrypt":
      return BCRYPT_COST_10_MS * 2 ** (hash.cost - 10);
    case "pbkdf2":
      return PBKDF2_MS_PER_ITERATION * hash.iterations;
    case "scrypt":
      return (SCRYPT_WORK_MAX_MS * hash.cost.N * hash.cost.r * hash.cost.p) / SCRYPT_WORK_MAX;
  }
}
