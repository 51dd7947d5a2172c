import { beforeAll, expect, test } from "vitest";
import { readPublicKey, verifyRequestSignature } from "../../../workers/auth/src/api-keys/request-signature.ts";
import { seededRandom } from "../../random.ts";
import { newKeyPair, signRequest } from "../../support/sign-request.ts";

const REQUEST = { method: "POST", url: "http://halftone.test/api/orders?dry=1", body: "{}" };
const NAMES = ["Signature-Input", "Signature", "Content-Digest"] as const;
const VARIANTS = 2_000;
const HOSTILE_CHARACTERS = '"();=,:@ab1?*.-_\\ \t%é\u0000/+';

let publicKey: string;
let good: Record<string, string>;

beforeAll(async () => {
  const pair = await newKeyPair();
  publicKey = (await readPublicKey(pair.publicKey)) ?? "";
  good = await signRequest("key", pair.privateKey, REQUEST);
});

function verify(headers: Record<string, string>) {
  const { method, url } = REQUEST;
  const use = { ip: null, userAgent: null, method, url, headers: Object.entries(headers) };
  return verifyRequestSignature({ id: "key", publicKey }, use);
}

/** A text with a character added, taken away or replaced, or with its end cut off. */
function damage(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const character = HOSTILE_CHARACTERS[Math.floor(random() * HOSTILE_CHARACTERS.length)];
  const ways = [
    text.slice(0, at) + character + text.slice(at),
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at) + character + text.slice(at + 1),
    text.slice(0, at),
  ];
  return ways[Math.floor(random() * ways.length)] ?? "";
}

test("whatever happens to the headers of a signature, it is refused or says the same, and nothing breaks", async () => {
  expect((await verify(good)).ok).toBe(true);
  const random = seededRandom(1);
  const withoutBlanks = (text = "") => text.replaceAll(/[ \t]/g, "");
  for (let i = 0; i < VARIANTS; i++) {
    const name = NAMES[i % NAMES.length] ?? "Signature";
    const damaged = damage(good[name] ?? "", random);
    const verdict = await verify({ ...good, [name]: damaged });
    if (!verdict.ok) expect(verdict.failure.code).toBe("invalid_signature");
    else if (name !== "Signature") expect(withoutBlanks(damaged)).toBe(withoutBlanks(good[name]));
  }
});

test.each([
  ["nothing", ""],
  ["a private key", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----"],
  ["no base64", "-----BEGIN PUBLIC KEY-----\n===\n-----END PUBLIC KEY-----"],
  ["a key cut short", "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----"],
])("%s is no public key", async (_, pem) => {
  expect(await readPublicKey(pem)).toBeNull();
});
