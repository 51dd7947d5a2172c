import Argon2, { type Argon2HashOptions, Argon2Type, Argon2Version } from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";
import { ARGON2ID_COST, readStoredHash } from "../../../../shared/accounts/stored-hash.ts";
import { isBcryptPassword, isPbkdf2Password, isScryptPassword } from "./legacy-hashes.ts";

const COST: Partial<Argon2HashOptions> = {
  type: Argon2Type.Argon2id,
  version: Argon2Version.Version13,
  memoryCost: ARGON2ID_COST.memoryKib,
  timeCost: ARGON2ID_COST.passes,
  parallelism: ARGON2ID_COST.lanes,
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
 * Whether the password is the one that was hashed, whichever of the stored forms the hash has. Takes as long when there
 * is no hash, and is then always false. Throws when a stored hash cannot be read or asks for too much.
 */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  if (hash === null) {
    isArgon2Password(password, NOBODYS_HASH, ARGON2ID_COST.memoryKib);
    return false;
  }
  const stored = readStoredHash(hash);
  if (!stored.ok) throw new Error(`the stored password hash ${stored.failure.detail}`);
  switch (stored.value.scheme) {
    case "argon2id":
      return isArgon2Password(password, hash, stored.value.memoryKib);
    case "bcrypt":
      return isBcryptPassword(password, hash);
    case "pbkdf2":
      return isPbkdf2Password(password, stored.value);
    case "scrypt":
      return isScryptPassword(password, stored.value);
  }
}

function isArgon2Password(password: string, hash: string, memoryKib: number): boolean {
  const isRight = withArgon2((instance) => {
    const verdict = instance.tryVerify(hash, lengthInBytes(password));
    if (!verdict.success && verdict.error !== MISMATCH) throw new Error(`argon2: ${verdict.error}`);
    return verdict.success;
  });
  // WebAssembly memory never shrinks: what an imported hash needed would stay for good.
  if (memoryKib > ARGON2ID_COST.memoryKib) argon2 = null;
  return isRight;
}
