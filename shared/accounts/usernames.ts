const USERNAME_MAX = 64;
const USERNAME_MIN = 2;
/** john, john2 … john9; who comes later gets random digits, so that a popular name costs no endless search. */
const NUMBERED_MAX = 9;
const RANDOM_TRIES = 5;
const RANDOM_DIGITS = 6;

/** The user name that an address suggests: its local part, in the characters that user names may have. */
function baseOf(email: string): string {
  const local = email.slice(0, email.lastIndexOf("@"));
  const base = local.replaceAll(/[^A-Za-z0-9._-]/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return base.length >= USERNAME_MIN ? base.slice(0, USERNAME_MAX - RANDOM_DIGITS) : `user-${base}`.replace(/-$/, "");
}

function randomDigits(): string {
  const digits = crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS));
  return Array.from(digits, (byte) => byte % 10).join("");
}

/** User names to try for somebody who named none, the nicest first (C3). */
export function* usernameCandidates(email: string): Generator<string> {
  const base = baseOf(email);
  yield base;
  for (let number = 2; number <= NUMBERED_MAX; number++) yield `${base}${number}`;
  for (let i = 0; i < RANDOM_TRIES; i++) yield `${base}${randomDigits()}`;
}
