import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { LinkSigner } from "../../../workers/images/src/delivery/link-signer.ts";

const SECRET = "0123456789abcdef0123456789abcdef-secret";
/** Five blocks of SHA-256, so that every place of the end within a block is met, and one that needs more room. */
const LENGTHS = [...Array(320).keys(), 1_014, 1_015, 1_016, 20_000];

const expected = (secret: string, text: string) => createHmac("sha256", secret).update(text).digest("hex");
const text = (length: number) => Array.from({ length }, (_, index) => String.fromCharCode(33 + (index % 90))).join("");

test("a signature is the HMAC-SHA-256 of a text of any length, whatever was signed before", () => {
  const signer = new LinkSigner(SECRET);
  for (const length of [...LENGTHS, ...LENGTHS.toReversed()]) {
    expect(signer.sign(text(length)), `${length} characters`).toBe(expected(SECRET, text(length)));
  }
});

test("texts that begin alike are told apart", () => {
  const signer = new LinkSigner(SECRET);
  for (const like of [text(63), text(64), text(127), text(128), text(129), text(200)]) {
    for (const end of ["a", "b", "", "c".repeat(100)]) {
      expect(signer.sign(like + end)).toBe(expected(SECRET, like + end));
      expect(signer.sign(`x${like}${end}`)).toBe(expected(SECRET, `x${like}${end}`));
    }
  }
});

test("a secret may have any length", () => {
  for (const length of LENGTHS) {
    expect(new LinkSigner(text(length)).sign("a link")).toBe(expected(text(length), "a link"));
  }
});
