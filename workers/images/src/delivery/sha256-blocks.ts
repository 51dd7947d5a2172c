export const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const BLOCK_WORDS = 16;
const STATE_WORDS = 8;
const ROUNDS = 64;
/** What ends a text: a bit that is set, zeros, and its length in bits. */
const END_MARK = 0x80;
const LENGTH_BYTES = 8;
const BITS_PER_BYTE = 8;
const BITS_PER_DIGIT = 4;
const WORD_DIGITS = 8;
const DIGIT_CODES = Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));

/** FIPS 180-4, §4.2.2 and §5.3.3: the first 32 bits behind the point of the roots of the first primes. */
const PRIMES = firstPrimes(ROUNDS);
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, STATE_WORDS), (prime) => fraction(Math.sqrt(prime)));

/** The schedule of the block at hand, and the digits of the digest. There is one at a time, as nothing here waits. */
const schedule = new Int32Array(ROUNDS);
const digits = Array<number>(STATE_WORDS * WORD_DIGITS).fill(0);

/** The state of a SHA-256 that has taken nothing yet. Once it has taken all, its words are the digest. */
export function startSha256(): Int32Array {
  return START.slice();
}

/** How much room a text's bytes take with what ends them. */
export function roomFor(bytes: number): number {
  return Math.ceil((bytes + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Takes one block. */
export function takeBlock(state: Int32Array, text: Uint8Array, start: number): void {
  readBlock(text, start);
  extend();
  mix(state);
}

/**
 * Takes the rest of a text, and ends it (§5.1.1).
 * @param room has the text's bytes at its beginning, and is written behind them
 * @param from where the rest begins: at a block
 * @param before bytes before the text, below half a GiB
 */
export function takeEnd(state: Int32Array, room: Uint8Array, bytes: number, from: number, before: number): void {
  const end = roomFor(bytes);
  room[bytes] = END_MARK;
  room.fill(0, bytes + 1, end);
  const bits = (before + bytes) * BITS_PER_BYTE;
  for (let i = 1; i <= 4; i++) room[end - i] = bits >>> ((i - 1) * BITS_PER_BYTE);
  for (let start = from; start < end; start += BLOCK_BYTES) takeBlock(state, room, start);
}

/** Takes a digest behind one block, and ends the text: what an HMAC ends in, without a detour by its bytes. */
export function takeDigest(state: Int32Array, digest: Int32Array): void {
  schedule.set(digest);
  schedule[STATE_WORDS] = END_MARK << 24;
  schedule.fill(0, STATE_WORDS + 1, BLOCK_WORDS - 1);
  schedule[BLOCK_WORDS - 1] = (BLOCK_BYTES + DIGEST_BYTES) * BITS_PER_BYTE;
  extend();
  mix(state);
}

/** A digest's lower-case hexadecimal digits. Put together at once: text that grows by pieces is copied again later. */
export function digitsOf(digest: Int32Array): string {
  let at = 0;
  for (let i = 0; i < STATE_WORDS; i++) {
    for (let shift = 32 - BITS_PER_DIGIT; shift >= 0; shift -= BITS_PER_DIGIT) {
      digits[at++] = DIGIT_CODES[((digest[i] ?? 0) >>> shift) & 0xf] ?? 0;
    }
  }
  return String.fromCharCode(...digits);
}

/** Writes the digest to the beginning of a room. */
export function writeDigest(state: Int32Array, room: Uint8Array): void {
  for (let i = 0; i < STATE_WORDS; i++) {
    const word = state[i] ?? 0;
    room[i * 4] = word >>> 24;
    room[i * 4 + 1] = word >>> 16;
    room[i * 4 + 2] = word >>> 8;
    room[i * 4 + 3] = word;
  }
}

/** §6.2.2, step 1. Typed arrays have no holes: `?? 0` is for the types alone. */
function readBlock(text: Uint8Array, start: number): void {
  for (let i = 0, at = start; i < BLOCK_WORDS; i++, at += 4) {
    const high = ((text[at] ?? 0) << 24) | ((text[at + 1] ?? 0) << 16);
    schedule[i] = high | ((text[at + 2] ?? 0) << 8) | (text[at + 3] ?? 0);
  }
}

function extend(): void {
  for (let i = BLOCK_WORDS; i < ROUNDS; i++) {
    const early = schedule[i - 15] ?? 0;
    const late = schedule[i - 2] ?? 0;
    const sigma0 = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
    const sigma1 = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
    schedule[i] = (schedule[i - 16] ?? 0) + sigma0 + (schedule[i - 7] ?? 0) + sigma1;
  }
}

/** §6.2.2, steps 2 to 4. One variable a word: an array taken apart is an iterator, and six times as slow. */
function mix(state: Int32Array): void {
  let a = state[0] ?? 0;
  let b = state[1] ?? 0;
  let c = state[2] ?? 0;
  let d = state[3] ?? 0;
  let e = state[4] ?? 0;
  let f = state[5] ?? 0;
  let g = state[6] ?? 0;
  let h = state[7] ?? 0;
  for (let i = 0; i < ROUNDS; i++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + sum1 + (g ^ (e & (f ^ g))) + (CONSTANTS[i] ?? 0) + (schedule[i] ?? 0)) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = (state[0] ?? 0) + a;
  state[1] = (state[1] ?? 0) + b;
  state[2] = (state[2] ?? 0) + c;
  state[3] = (state[3] ?? 0) + d;
  state[4] = (state[4] ?? 0) + e;
  state[5] = (state[5] ?? 0) + f;
  state[6] = (state[6] ?? 0) + g;
  state[7] = (state[7] ?? 0) + h;
}

function fraction(root: number): number {
  return (root % 1) * 2 ** 32;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
