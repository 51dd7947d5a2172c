import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../../shared/http/access-token.ts";
import { VerifiedTokens } from "../../../shared/http/verified-tokens.ts";

const CLOCK_TOLERANCE_MS = 5_000;
const JWKS_FRESH_MS = 300_000;

/** A fresh isolate: it holds no keys and remembers no token. */
async function freshVerifier() {
  vi.resetModules();
  return (await import("../../../shared/http/access-token.ts")).verifyAccessToken;
}

async function makeSigner() {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  const published = { ...(await exportJWK(publicKey)), kid: "one", kty: "OKP" };
  const sign = (life: string) =>
    new SignJWT({ sid: "session", role: "user" })
      .setProtectedHeader({ alg: "EdDSA", typ: ACCESS_TOKEN_TYPE, kid: "one" })
      .setSubject("ada")
      .setJti("token")
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(life)
      .sign(privateKey);
  return { sign, published };
}

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a token that was found good is not verified again", async () => {
  const verify = await freshVerifier();
  const { sign, published } = await makeSigner();
  const auth = { jwks: async () => ({ keys: [published] }) };
  const token = await sign("15m");
  const computed = vi.spyOn(crypto.subtle, "verify");
  for (let time = 0; time < 3; time++) expect(await verify(token, auth)).toMatchObject({ sub: "ada" });
  expect(computed).toHaveBeenCalledTimes(1);
  expect(await verify(await sign("15m"), auth)).toMatchObject({ sub: "ada" });
});

test("a remembered token runs out when it says", async () => {
  const verify = await freshVerifier();
  const { sign, published } = await makeSigner();
  const auth = { jwks: async () => ({ keys: [published] }) };
  vi.setSystemTime(new Date("2026-01-01T00:00:00Z"));
  const token = await sign("60s");
  expect(await verify(token, auth)).not.toBeNull();
  vi.setSystemTime(Date.now() + 60_000 + CLOCK_TOLERANCE_MS - 1);
  expect(await verify(token, auth)).not.toBeNull();
  vi.setSystemTime(Date.now() + 1);
  expect(await verify(token, auth)).toBeNull();
});

test("a remembered token opens nothing any more once its key has been taken back", async () => {
  const verify = await freshVerifier();
  const [ours, other] = [await makeSigner(), await makeSigner()];
  const token = await ours.sign("15m");
  expect(await verify(token, { jwks: async () => ({ keys: [ours.published] }) })).not.toBeNull();
  vi.setSystemTime(Date.now() + JWKS_FRESH_MS);
  expect(await verify(token, { jwks: async () => ({ keys: [other.published] }) })).toBeNull();
});

test("no other text passes for a remembered token: neither another spelling nor other claims under its signature", async () => {
  const verify = await freshVerifier();
  const { sign, published } = await makeSigner();
  const auth = { jwks: async () => ({ keys: [published] }) };
  const token = await sign("15m");
  expect(await verify(token, auth)).not.toBeNull();
  const [header, claims = "", signature] = token.split(".");
  const asAdmin = Buffer.from(JSON.stringify({ ...JSON.parse(atob(claims)), role: "admin" })).toString("base64url");
  // 86 characters hold four bits that belong to no byte.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const respelled = token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) ^ 1];
  for (const forged of [`${header}.${asAdmin}.${signature}`, respelled, `${token}=`]) {
    expect(await verify(forged, auth)).toBeNull();
  }
});

test("while auth is away and no key is known nothing is said of a token, but what no key can make good is refused", async () => {
  const verify = await freshVerifier();
  const { sign } = await makeSigner();
  const jwks = vi.fn(() => Promise.reject(new Error("auth is away")));
  const token = await sign("15m");
  for (const misspelt of [`${token}=`, `${token.slice(0, -1)}!`]) expect(await verify(misspelt, { jwks })).toBeNull();
  expect(jwks).not.toHaveBeenCalled();
  await expect(verify(token, { jwks })).rejects.toThrow("auth is away");
});

test("no more than two thousand tokens are remembered: the oldest gives way", () => {
  const verified = new VerifiedTokens<number>();
  for (let number = 0; number <= 2_000; number++) verified.remember(`token ${number}`, number);
  expect(verified.find("token 0")).toBeUndefined();
  expect(verified.find("token 1")).toBe(1);
  expect(verified.find("token 2000")).toBe(2_000);
});
