// What a setting may be: the sentence that says so, and the check. The Workers check the same at their own door.

export const oneOf = (...words) => ({
  says: words.join(", ").replace(/, ([^,]*)$/, " or $1"),
  accepts: (text) => words.includes(text),
});
export const wholeNumber = (smallest, largest = Number.MAX_SAFE_INTEGER) => ({
  says:
    largest === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${smallest}`
      : `a whole number from ${smallest} to ${largest}`,
  accepts: (text) => /^\d+$/.test(text) && Number(text) >= smallest && Number(text) <= largest,
});
export const duration = {
  says: "a number and a unit, such as 15m, 24h or 7d",
  accepts: (text) => /^\d+(ms|s|m|h|d)$/.test(text),
};
export const origin = {
  says: "an origin such as https://photos.example, or nothing",
  accepts: (text) => text === "" || /^https?:\/\/[^/\s?#]+$/.test(text),
};
export const origins = {
  says: "origins such as https://shop.example, separated by commas, or nothing",
  accepts: (text) => text.split(",").every((part) => origin.accepts(part.trim())),
};
export const addresses = {
  says: "addresses such as https://orders.example, separated by blanks or commas, or nothing",
  accepts: (text) => text.split(/[\s,]+/).every((part) => origin.accepts(part)),
};
export const keyPrefix = {
  says: "letters, digits, dashes and slashes, or nothing",
  accepts: (text) => /^[\w./-]*$/.test(text) && !text.includes(".."),
};
export const variantFormats = {
  says: "webp, jpeg or webp,jpeg",
  accepts: (text) => ["webp", "jpeg", "webp,jpeg", "jpeg,webp"].includes(text),
};
export const secret = { says: "at least 32 random characters", accepts: (text) => isStrongSecret(text) };

export const webhook = {
  says: "an address such as https://chat.example/hook, or nothing",
  accepts: (text) => text === "" || (/^https?:/.test(text) && URL.canParse(text)),
};

export const noneOrSecret = {
  says: "at least 32 random characters, or nothing",
  accepts: (text) => text === "" || isStrongSecret(text),
};

/** Secrets shorter than this could be guessed. The Workers refuse them too. */
const SECRET_MIN_CHARACTERS = 32;
/** Beginnings of the values that documents print as examples; the Workers refuse the same ones. */
const EXAMPLE_SECRET = /^(your|change|secret|example|default|test-secret|password)/i;

export function isStrongSecret(text) {
  return text.length >= SECRET_MIN_CHARACTERS && !EXAMPLE_SECRET.test(text);
}
