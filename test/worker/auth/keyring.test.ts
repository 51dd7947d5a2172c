import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { calculateJwkThumbprint, createLocalJWKSet, type JWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { PUBLISHED_KEYS_NAME } from "../../../shared/http/published-keys.ts";
import { newId } from "../../../shared/ids.ts";
import { PUBLISH_AHEAD_MS, ROTATE_EVERY_MS } from "../../../workers/auth/src/signing/key-schedule.ts";
import { KEYRING_NAME, Keyring } from "../../../workers/auth/src/signing/keyring.do.ts";
import { seal, unseal } from "../../../workers/auth/src/signing/sealing.ts";
import { openSigningKey, SIGNER_FRESH_MS } from "../../../workers/auth/src/signing/signing-key.ts";
import { longestTokenLifeMs } from "../../../workers/auth/src/signing/token-lives.ts";
import { signAccessToken } from "../../../workers/auth/src/signing/tokens.ts";
import { call } from "../call.ts";
import { authEnv, register, registerAdmin, rpc, waitingEvents } from "./people.ts";

const OTHER_SECRET = "another secret of more than thirty-two characters";
const DAY_MS = 86_400_000;
const keyring = () => authEnv.KEYRING.getByName(KEYRING_NAME);

/** The keyring as it starts on the same storage with other settings, and what it then holds. */
function restarted(changed: Partial<typeof authEnv>) {
  return runInDurableObject(keyring(), async (_instance, state) => {
    const instance = new Keyring(state, { ...authEnv, ...changed });
    await state.blockConcurrencyWhile(async () => undefined);
    return { current: instance.current(), list: instance.list() };
  });
}

/** A token that the current key signs, and a check by what is published now. */
async function signWith(secret = authEnv.JWT_SECRET) {
  const key = await openSigningKey(await keyring().current(), secret);
  const subject = { userId: newId(), sessionId: newId(), role: "user" } as const;
  const token = await signAccessToken(key, subject, 40 * DAY_MS);
  return { kid: key.kid, isGood: () => isGood(token) };
}

async function isGood(token: string): Promise<boolean> {
  const published = createLocalJWKSet(await rpc.AuthService.jwks());
  return jwtVerify(token, published).then(
    () => true,
    () => false,
  );
}

/** A moment after the first key was made. */
const begin = async () => ((await keyring().list())[0]?.since ?? 0) + 1;

const states = async () => (await keyring().list()).map(({ state }) => state);

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

  test("puts its keys where the other Workers find them while auth is away, and again with each change", async () => {
    const published = () => authEnv.PUBLISHED_KEYS.get(PUBLISHED_KEYS_NAME, "json");
    const first = await rpc.AuthService.jwks();
    expect(await published()).toEqual(first);
    await keyring().rotate(await begin());
    expect(await published()).toEqual(await keyring().jwks());
    expect((await keyring().jwks()).keys).toHaveLength(2);
  });

  test("goes on when they cannot be put there, and puts them there at the next turn", async () => {
    const PUBLISHED_KEYS = { put: () => Promise.reject(new Error("away")) } as unknown as KVNamespace;
    await runInDurableObject(keyring(), async (_instance, state) => {
      state.storage.kv.delete(PUBLISHED_KEYS_NAME);
      await authEnv.PUBLISHED_KEYS.delete(PUBLISHED_KEYS_NAME);
      const instance = new Keyring(state, { ...authEnv, PUBLISHED_KEYS });
      await state.blockConcurrencyWhile(async () => undefined);
      expect(instance.jwks().keys).toHaveLength(1);
    });
    expect(await authEnv.PUBLISHED_KEYS.get(PUBLISHED_KEYS_NAME)).toBeNull();
    await keyring().turn();
    expect(await authEnv.PUBLISHED_KEYS.get(PUBLISHED_KEYS_NAME, "json")).toEqual(await keyring().jwks());
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

describe("rotation", () => {
  test("publishes the next key first, lets it sign an hour later, and keeps the one before for a day", async () => {
    const start = await begin();
    const old = await signWith();
    await keyring().rotate(start);
    expect(await states()).toEqual(["current", "next"]);
    const next = (await keyring().list())[1]?.kid;
    expect((await rpc.AuthService.jwks()).keys.map(({ kid }) => kid)).toContain(next);

    await keyring().turn(start + PUBLISH_AHEAD_MS - 1);
    expect((await keyring().current()).kid).toBe(old.kid);
    const promotedAt = start + PUBLISH_AHEAD_MS;
    await keyring().turn(promotedAt);
    expect((await keyring().current()).kid).toBe(next);
    expect(await states()).toEqual(["previous", "current"]);
    expect(await old.isGood()).toBe(true);
    const young = await signWith();
    expect(young.kid).toBe(next);

    const lastBreath =
      promotedAt +
      SIGNER_FRESH_MS +
      longestTokenLifeMs({
        JWT_ACCESS_EXPIRE: 900_000,
        LEGACY_TOKEN_EXPIRE: DAY_MS,
      });
    await keyring().turn(lastBreath - 1);
    expect(await old.isGood()).toBe(true);
    await keyring().turn(lastBreath);
    expect(await old.isGood()).toBe(false);
    expect(await young.isGood()).toBe(true);
    expect(await states()).toEqual(["current"]);
  });

  test("comes by itself every thirty days, by the alarm", async () => {
    const [first] = await keyring().list();
    const due = (first?.since ?? 0) + ROTATE_EVERY_MS - PUBLISH_AHEAD_MS;
    expect(await runInDurableObject(keyring(), (_instance, state) => state.storage.getAlarm())).toBe(due);
    await keyring().turn(due);
    await keyring().turn(due + PUBLISH_AHEAD_MS);
    expect(await states()).toEqual(["previous", "current"]);
    expect(await runInDurableObject(keyring(), (_instance, state) => state.storage.getAlarm())).toBeGreaterThan(due);
  });

  test("makes one next key, however often it is asked for at once", async () => {
    await Promise.all(Array.from({ length: 10 }, () => keyring().rotate()));
    expect(await states()).toEqual(["current", "next"]);
  });

  test("throws the private half away with the last signature", async () => {
    const start = await begin();
    await keyring().rotate(start);
    await keyring().turn(start + PUBLISH_AHEAD_MS);
    const sizes = await runInDurableObject(keyring(), (_instance, state) =>
      state.storage.sql
        .exec<{ bytes: number }>("SELECT length(sealed_jwk) AS bytes FROM signing_key ORDER BY created_at")
        .toArray()
        .map(({ bytes }) => bytes),
    );
    expect(sizes[0]).toBe(0);
    expect(sizes[1]).toBeGreaterThan(0);
  });

  test("is asked for by admins only, and is written down", async () => {
    const path = "/api/admin/signing-keys";
    const admin = await registerAdmin();
    const answer = await call(path, { as: admin, method: "POST" });
    expect(answer.status).toBe(202);
    const list = await answer.json<object[]>();
    expect(list).toMatchObject([{ state: "current" }, { state: "next" }]);
    expect(list[0]).not.toHaveProperty("sealedJwk");
    expect(await (await call(path, { as: admin })).json()).toEqual(list);
    expect((await waitingEvents()).at(-1)).toMatchObject({
      type: "signing_key.rotated",
      account: "system",
      actor: { userId: admin.id },
    });

    const john = await register();
    for (const method of ["GET", "POST"]) expect((await call(path, { as: john, method })).status).toBe(403);
    expect((await call(path)).status).toBe(401);
  });
});

describe("a changed JWT_SECRET", () => {
  test("ends all tokens, those of keys before and after the current one too, and never stops the start", async () => {
    const start = await begin();
    const oldest = await signWith();
    await keyring().rotate(start);
    await keyring().turn(start + PUBLISH_AHEAD_MS);
    await keyring().rotate(start + PUBLISH_AHEAD_MS);
    expect(await states()).toEqual(["previous", "current", "next"]);

    const after = await restarted({ JWT_SECRET: OTHER_SECRET });
    expect(after.list).toMatchObject([{ state: "current", kid: after.current.kid }]);
    expect(await oldest.isGood()).toBe(false);
    expect(await restarted({ JWT_SECRET: OTHER_SECRET })).toEqual(after);
  });

  test("logs nobody out when JWT_SECRET_PREVIOUS still opens the keys: they are sealed anew", async () => {
    await keyring().rotate();
    const token = await signWith();
    const before = await keyring().list();
    const changed = { JWT_SECRET: OTHER_SECRET, JWT_SECRET_PREVIOUS: authEnv.JWT_SECRET };
    const after = await restarted(changed);
    expect(after.list).toEqual(before);
    expect(await token.isGood()).toBe(true);
    expect(await unseal(OTHER_SECRET, after.current.kid, after.current.sealedJwk)).not.toBeNull();
    expect(await unseal(authEnv.JWT_SECRET, after.current.kid, after.current.sealedJwk)).toBeNull();

    const alone = await restarted({ JWT_SECRET: OTHER_SECRET });
    expect(alone.list).toEqual(before);
  });

  test("replaces the keys when JWT_SECRET_PREVIOUS does not open them either, or is empty", async () => {
    const before = await keyring().list();
    const wrong = await restarted({ JWT_SECRET: OTHER_SECRET, JWT_SECRET_PREVIOUS: `${OTHER_SECRET} of before` });
    expect(wrong.list).not.toEqual(before);
    const empty = await restarted({ JWT_SECRET: `${OTHER_SECRET} again`, JWT_SECRET_PREVIOUS: "" });
    expect(empty.list).not.toEqual(wrong.list);
  });
});

test("a keyring of an earlier version goes on with its key", async () => {
  const before = await keyring().list();
  await runInDurableObject(keyring(), (_instance, state) => {
    state.storage.sql.exec("ALTER TABLE signing_key DROP COLUMN since");
  });
  await evictDurableObject(keyring());
  expect(await keyring().list()).toEqual(before);
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
