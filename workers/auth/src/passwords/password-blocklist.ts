import list from "./common-passwords.bin";

/** Of each SHA-256, as scripts/build-blocklist.mjs writes them. */
const DIGEST_BYTES = 5;
/** `aaaaaaaa`, `12121212`, `abcdabcd`: lists never hold all of them. */
const REPETITION = /^(.{1,4})\1+$/;

const digests = new Uint8Array(list);

/**
 * Whether a password is among the first that guessers try, whatever its case. A guard against the most careless choices
 * only: the real protection is that guessing is slow and counted.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  const text = password.toLowerCase();
  return REPETITION.test(text) || isRun(text) || isListed(await digestOf(text));
}

/** `12345678`, `abcdefgh` and the same backwards. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, index) => code - (codes[index] ?? 0)));
  return steps.size === 1 && (steps.has(1) || steps.has(-1));
}

async function digestOf(text: string): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest, 0, DIGEST_BYTES);
}

/** Searches the sorted list by halves. */
function isListed(digest: Uint8Array): boolean {
  let low = 0;
  let high = digests.length / DIGEST_BYTES;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const order = compare(digest, digests.subarray(middle * DIGEST_BYTES, (middle + 1) * DIGEST_BYTES));
    if (order === 0) return true;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return false;
}

function compare(one: Uint8Array, other: Uint8Array): number {
  const index = one.findIndex((byte, position) => byte !== other[position]);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
