import { importJWK, type JWK, SignJWT, UnsecuredJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { ACCESS_TOKEN_TYPE, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../../shared/http/access-token.ts";
import { newId } from "../../../shared/ids.ts";
import { newSecret, writeCredential } from "../../../workers/auth/src/sessions/credentials.ts";
import { KEYRING_NAME } from "../../../workers/auth/src/signing/keyring.do.ts";
import { openSigningKey, type SigningKey } from "../../../workers/auth/src/signing/signing-key.ts";
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

function base64url(bytes: Uint8Array | string): string {
  const text = typeof bytes === "string" ? bytes : String.fromCharCode(...bytes);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** A token that our own key signed over parts that no library would write. */
async function signParts(key: CryptoKey, header: unknown, payload: string): Promise<string> {
  const signed = `${base64url(JSON.stringify(header))}.${payload}`;
  const signature = await crypto.subtle.sign("Ed25519", key, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
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

  const header = { alg: "EdDSA", typ: ACCESS_TOKEN_TYPE, kid };
  const payload = base64url(JSON.stringify({ ...good, ...times }));
  const [head, body, signature = ""] = genuine.split(".");
  expect(await statusOf(await signParts(key, header, payload))).toBe(200);

  const cookie = writeCredential("cookie", john.id, good.sid, newSecret());
  const hostile = {
    "alg nOnE": new UnsecuredJWT({ ...good, ...times }).encode().replace(/^[^.]+/, base64url('{"alg":"nOnE"}')),
    "alg NONE with the signature kept": withHeader(genuine, { alg: "NONE" }),
    "an empty alg": withHeader(genuine, { alg: "" }),
    "no alg": withHeader(genuine, { alg: undefined }),
    "alg as a list": withHeader(genuine, { alg: ["EdDSA"] }),
    "alg RS256": withHeader(genuine, { alg: "RS256" }),
    "alg ES256": withHeader(genuine, { alg: "ES256" }),
    "HS512 with the key's raw bytes": await sign({}, { alg: "HS512" }, new TextEncoder().encode(published.x)),
    "HS256 with the kid": await sign({}, { alg: "HS256" }, new TextEncoder().encode(kid.padEnd(64, "0"))),
    "a kid of SQL": await sign({}, { kid: "' OR 1=1 --" }, stranger.privateKey),
    "a kid named __proto__": await sign({}, { kid: "__proto__" }, stranger.privateKey),
    "a kid named constructor": await sign({}, { kid: "constructor" }, stranger.privateKey),
    "a kid that is a list": await signParts(stranger.privateKey, { ...header, kid: [kid] }, payload),
    "no kid": await sign({}, { kid: undefined }, stranger.privateKey),
    "an empty kid": await sign({}, { kid: "" }, stranger.privateKey),
    "a key to fetch (jku)": await sign({}, { jku: "https://evil.example/jwks.json" }, stranger.privateKey),
    "a certificate to fetch (x5u)": await sign({}, { x5u: "https://evil.example/cert.pem" }, stranger.privateKey),
    "a certificate, embedded (x5c)": await sign({}, { x5c: ["MIIB"] }, stranger.privateKey),
    "an unknown critical header that we signed": await signParts(key, { ...header, crit: ["x"], x: 1 }, payload),
    "an empty list of critical headers": await signParts(key, { ...header, crit: [] }, payload),
    "a payload that is not encoded (RFC 7797)": await signParts(key, { ...header, b64: false, crit: ["b64"] }, payload),
    "a payload that is a list": await signParts(key, header, base64url("[]")),
    "a payload that is a text": await signParts(key, header, base64url('"john"')),
    "a payload that is no JSON": await signParts(key, header, base64url("{")),
    "a header that is no JSON": `${base64url("{")}.${body}.${signature}`,
    "typ of a refresh token": await sign({}, { typ: "rt+jwt" }),
    "other audiences only": await sign({ aud: ["elsewhere", "halftone.example"] }),
    "an issuer in a list": await signParts(
      key,
      header,
      base64url(JSON.stringify({ ...good, ...times, iss: ["halftone"] })),
    ),
    "an expiry that is a text": await signParts(
      key,
      header,
      base64url(JSON.stringify({ ...good, ...times, exp: "never" })),
    ),
    "no issue time": await sign({ iat: undefined }),
    "no user": await sign({ sub: undefined }),
    "a user that is a number": await signParts(key, header, base64url(JSON.stringify({ ...good, ...times, sub: 1 }))),
    "no role": await sign({ role: undefined }),
    "roles in a list": await sign({ role: ["admin"] }),
    "another session in the payload": withClaims(genuine, { sid: newId() }),
    "an hour more in the payload": withClaims(genuine, { exp: now() + 60 * MINUTE }),
    "a zero signature": `${head}.${body}.${base64url(new Uint8Array(64))}`,
    "a signature of another token": `${head}.${body}.${(await sign({ jti: newId() })).split(".")[2]}`,
    "a signature twice": `${genuine}${signature}`,
    "a signature in plain base64": `${head}.${body}.${btoa(atob(signature.replaceAll("-", "+").replaceAll("_", "/")))}`,
    "no header": `.${body}.${signature}`,
    "no payload": `${head}..${signature}`,
    "dots alone": "..",
    "a token in a token": await sign({ token: genuine }, { cty: "JWT", typ: "JWT" }),
    "a refresh token": john.signedIn.refreshToken,
    "a session cookie": cookie,
    "an API key": cookie.replace("cookie.", "key."),
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
  expect(Object.keys(hostile).length).toBeGreaterThanOrEqual(70);
  const answers = await Promise.all(
    Object.entries(hostile).map(async ([what, token]) => [what, await statusOf(token)] as const),
  );
  expect(answers).toEqual(Object.keys(hostile).map((what) => [what, 401]));
});
