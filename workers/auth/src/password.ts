import Argon2, { type Argon2HashOptions, Argon2Type, Argon2Version } from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";

/** OWASP's first choice: argon2id with 19 MiB, two passes, one lane (C7). */
const COST: Partial<Argon2HashOptions> = {
  type: Argon2Type.Argon2id,
  version: Argon2Version.Version13,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
  hashLength: 32,
};

/** A hash of random bytes at the same cost. Unknown people are checked against it and so take as long as known ones. */
const NOBODYS_HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$b4zOOa/t9FztGC0Vqb0HDA$CySRUvPooKEZi0JlPhO/hApRUr3difm0kDeeQ1mHo5U";

/** What the library says of a wrong password. It says anything else of a broken hash or a failed allocation. */
const MISMATCH = "The password does not match the supplied hash";

/** One instance per isolate. Hashing is synchronous, so its 19 MiB are needed once, however many people sign in. */
let argon2: Argon2 | null = null;

/** Runs one hash. An instance that threw may be in any state, so the next call gets a new one. */
function withArgon2<T>(work: (instance: Argon2) => T): T {
  argon2 ??= new Argon2(new WebAssembly.Instance(wasm));
  try {
    return work(argon2);
  } catch (error) {
    argon2 = null;
    throw error;
  }
}

/**
 * The library hashes as many bytes as the text has UTF-16 units, which would cut the end off every password that is
 * not ASCII. With NULs that make up the difference it takes exactly the UTF-8 bytes, as the standard does.
 */
function lengthInBytes(password: string): string {
  const bytes = new TextEncoder().encode(password).length;
  return password.padEnd(bytes, "\0");
}

/** Hashes a new password with a random salt into a PHC string. Blocks the isolate for some 50 ms. */
export function hashPassword(password: string): string {
  return withArgon2((instance) => instance.hash(lengthInBytes(password), COST).encoded);
}

/**
 * Whether the password is the one that was hashed. Takes as long when there is no hash, and is then always false.
 * Throws when a stored hash cannot be read.
 */
export function verifyPassword(password: string, hash: string | null): boolean {
  return withArgon2((instance) => {
    const verdict = instance.tryVerify(hash ?? NOBODYS_HASH, lengthInBytes(password));
    if (!verdict.success && verdict.error !== MISMATCH) throw new Error(`argon2: ${verdict.error}`);
    return verdict.success && hash !== null;
  });
}
