import { importJWK, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../../shared/http/identity.ts";
import { newId } from "../../../shared/ids.ts";
import { KEYRING_NAME } from "../../../workers/auth/src/keyring.do.ts";
import { openSigningKey, type SigningKey } from "../../../workers/auth/src/signing-key.ts";
import { call } from "../call.ts";
import { authEnv, register, rpc } from "./people.ts";

let signingKey: SigningKey;
let published: JWK;

/** Taken from the keyring whose keys the isolate holds (see people.ts). */
beforeAll(async () => {
  signingKey = await openSigningKey(await authEnv.KEYRING.getByName(KEYRING_NAME).current(), authEnv.JWT_SECRET);
  published = (await rpc.AuthService.jwks()).keys[0] ?? {};
});

const MINUTE = 60;
const now = () => Math.floor(Date.now() / 1_000);

async function statusOf(token: string): Promise<number> {
  return (await call("/api/users/me", { headers: { Authorization: `Bearer ${token}` } })).status;
}

function withHeader(token: string, change: object): string {
  const [header, ...rest] = token.split(".");
  const changed = { ...JSON.parse(atob(header ?? "")), ...change };
  return [btoa(JSON.stringify(changed)).replace(/=+$/, ""), ...rest].join(".");
}

function withClaims(token: string, change: object): string {
  const [header, payload, signature] = token.split(".");
  const changed = { ...JSON.parse(atob(payload ?? "")), ...change };
  return [header, btoa(JSON.stringify(changed)).replace(/=+$/, ""), signature].join(".");
}

/** The same signature bytes in another spelling: 86 characters hold four bits that belong to no byte. */
function respelled(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.slice(0, -1) + alphabet[alphabet.indexOf(token.slice(-1)) ^ 1];
}

test("takes no access token but its own, whatever is done to one", async () => {
  const john = await register();
  const { kid, key } = signingKey;
  const good = { sid: newId(), role: "user", sub: john.id, jti: newId(), iss: TOKEN_ISSUER, aud: TOKEN_AUDIENCE };
  const times = { iat: now(), exp: now() + MINUTE };
  const sign = (claims: object, header: object = {}, signer: typeof key | Uint8Array = key) =>
    new SignJWT({ ...good, ...times, ...claims })
      .setProtectedHeader({ alg: "EdDSA", typ: ACCESS_TOKEN_TYPE, kid, ...header })
      .sign(signer);

  const genuine = await sign({});
  expect(await statusOf(genuine)).toBe(200);

  const stranger = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const strangersJwk = (await crypto.subtle.exportKey("jwk", stranger.publicKey)) as JWK;
  const publicBytes = new TextEncoder().encode(JSON.stringify(published));
  const testKey = await importJWK(authEnv.TEST_PRIVATE_JWK, "EdDSA");

  const hostile = {
    "alg none": new UnsecuredJWT({ ...good, ...times }).encode(),
    "alg none with the signature kept": withHeader(genuine, { alg: "none" }),
    "HS256 with the public key": await sign({}, { alg: "HS256" }, publicBytes),
    "a stranger's key under our kid": await sign({}, {}, stranger.privateKey),
    "a stranger's key, embedded": await sign({}, { jwk: strangersJwk, kid: undefined }, stranger.privateKey),
    "an unknown kid": await sign({}, { kid: "../../etc/passwd" }, stranger.privateKey),
    "another service's key": await sign({}, { kid: "test-key" }, testKey as typeof key),
    "typ JWT": await sign({}, { typ: "JWT" }),
    "no typ": await sign({}, { typ: undefined }),
    "another audience": await sign({ aud: "elsewhere" }),
    "another issuer": await sign({ iss: "elsewhere" }),
    "run out": await sign({ iat: now() - 2 * MINUTE, exp: now() - MINUTE }),
    "not yet valid": await sign({ nbf: now() + MINUTE }),
    "no expiry": await sign({ exp: undefined }),
    "no session": await sign({ sid: undefined }),
    "no jti": await sign({ jti: undefined }),
    "a role that does not exist": await sign({ role: "root" }),
    "an unknown critical header": withHeader(genuine, { crit: ["x"], x: 1 }),
    "a payload made admin": withClaims(genuine, { role: "admin" }),
    "a payload of somebody else": withClaims(genuine, { sub: newId() }),
    "another last character": respelled(genuine),
    "a padded signature": `${genuine}==`,
    "a cut signature": genuine.slice(0, -2),
    "no signature": genuine.replace(/[^.]+$/, ""),
    "two parts": genuine.replace(/\.[^.]+$/, ""),
    "four parts": `${genuine}.e30`,
    "five parts": `${genuine}.e30.e30`,
    nothing: "",
    "no token at all": "john",
  };
  const answers = await Promise.all(
    Object.entries(hostile).map(async ([what, token]) => [what, await statusOf(token)] as const),
  );
  expect(answers).toEqual(Object.keys(hostile).map((what) => [what, 401]));
});
