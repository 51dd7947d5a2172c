import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { calculateJwkThumbprint, createLocalJWKSet, type JWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/ids.ts";
import { KEYRING_NAME, Keyring } from "../../../workers/auth/src/keyring.do.ts";
import { seal, unseal } from "../../../workers/auth/src/sealing.ts";
import { openSigningKey } from "../../../workers/auth/src/signing-key.ts";
import { signAccessToken } from "../../../workers/auth/src/tokens.ts";
import { call } from "../call.ts";
import { authEnv, rpc } from "./people.ts";

const OTHER_SECRET = "another secret of more than thirty-two characters";
const keyring = () => authEnv.KEYRING.getByName(KEYRING_NAME);

/** The keyring as it starts with another JWT_SECRET on the same storage. */
function restartedWith(secret: string) {
  return runInDurableObject(keyring(), async (_instance, state) => {
    const restarted = new Keyring(state, { ...authEnv, JWT_SECRET: secret });
    await state.blockConcurrencyWhile(async () => undefined);
    return { kid: restarted.current().kid, published: restarted.jwks().keys.map((key) => key.kid) };
  });
}

describe("the keyring", () => {
  test("publishes one Ed25519 key under its thumbprint, cacheable, without its private half", async () => {
    const response = await call("/.well-known/jwks.json");
    expect(response.headers.get("Cache-Control")).toMatch(/max-age=\d+/);
    const { keys } = await response.json<{ keys: JWK[] }>();
    expect(keys).toMatchObject([{ kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig" }]);
    expect(keys[0]?.kid).toBe(await calculateJwkThumbprint(keys[0] ?? {}));
    expect(keys[0]).not.toHaveProperty("d");
    expect(await rpc.AuthService.jwks()).toEqual({ keys });
  });

  test("makes one key for many first callers", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => keyring().jwks()));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test("keeps its key over a restart", async () => {
    const before = await keyring().jwks();
    await evictDurableObject(keyring());
    expect(await keyring().jwks()).toEqual(before);
  });

  test("replaces the signing key when JWT_SECRET has changed, and keeps starting", async () => {
    const { kid } = await keyring().current();
    const restarted = await restartedWith(OTHER_SECRET);
    expect(restarted.kid).not.toBe(kid);
    expect(restarted.published).toEqual([restarted.kid]);
    expect(await restartedWith(OTHER_SECRET)).toEqual(restarted);
  });

  test("writes the private key down sealed only", async () => {
    const { kid, sealedJwk } = await keyring().current();
    expect(new TextDecoder().decode(sealedJwk)).not.toContain("OKP");
    expect(await unseal(OTHER_SECRET, kid, sealedJwk)).toBeNull();
    expect(JSON.parse((await unseal(authEnv.JWT_SECRET, kid, sealedJwk)) ?? "")).toHaveProperty("d");
    await expect(openSigningKey({ kid, sealedJwk }, OTHER_SECRET)).rejects.toThrow("another JWT_SECRET");
  });

  test("opens to the key whose tokens the published ones verify", async () => {
    const key = await openSigningKey(await keyring().current(), authEnv.JWT_SECRET);
    const subject = { userId: newId(), sessionId: newId(), role: "user" } as const;
    const token = await signAccessToken(key, subject, 60_000);
    const { payload } = await jwtVerify(token, createLocalJWKSet(await rpc.AuthService.jwks()));
    expect(payload).toMatchObject({ sub: subject.userId, sid: subject.sessionId, role: "user" });
  });
});

describe("sealing", () => {
  test("opens under the same secret and label only, and not when a bit has changed", async () => {
    const sealed = await seal(OTHER_SECRET, "label", "text");
    expect(await unseal(OTHER_SECRET, "label", sealed)).toBe("text");
    expect(await unseal(OTHER_SECRET, "other label", sealed)).toBeNull();
    expect(await unseal(authEnv.JWT_SECRET, "label", sealed)).toBeNull();
    const damaged = new Uint8Array(sealed.slice());
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    expect(await unseal(OTHER_SECRET, "label", damaged.buffer)).toBeNull();
    expect(await unseal(OTHER_SECRET, "label", new ArrayBuffer(3))).toBeNull();
  });

  test("never gives the same bytes twice", async () => {
    const [one, two] = [await seal(OTHER_SECRET, "label", "text"), await seal(OTHER_SECRET, "label", "text")];
    expect(new Uint8Array(one)).not.toEqual(new Uint8Array(two));
  });
});
