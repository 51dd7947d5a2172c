/** Random bytes are drawn in bulk: asking for a few costs as much as asking for all of these. */
const drawn = new Uint8Array(4_096);
let used = drawn.length;

/** Two hexadecimal digits for every value of a byte. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** So many random bytes from the system's generator, as lower-case hexadecimal digits. */
export function randomHex(bytes: number): string {
  if (used + bytes > drawn.length) {
    crypto.getRandomValues(drawn);
    used = 0;
  }
  let text = "";
  for (const end = used + bytes; used < end; used++) text += DIGITS[drawn[used] ?? 0];
  return text;
}
