import { DurableObject } from "cloudflare:workers";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet } from "jose";
import { PUBLISHED_KEYS_NAME } from "../../../../shared/http/published-keys.ts";
import { createLogger, describeError } from "../../../../shared/log.ts";
import { type Env, readSettings } from "../env.ts";
import { type KeyStep, stepsAhead } from "./key-schedule.ts";
import { type KeyState, KeysRepo, type StoredKey } from "./keys.repo.ts";
import { seal, unseal } from "./sealing.ts";
import { longestTokenLifeMs } from "./token-lives.ts";

/** The keyring is one object under this name. */
export const KEYRING_NAME = "keyring";

/** What an isolate of this Worker needs to sign. The private key opens under `JWT_SECRET` only. */
export interface SealedKey {
  kid: string;
  sealedJwk: ArrayBuffer;
}

/**
 * Makes, keeps and rotates the keys that sign access tokens, by its alarm. It never signs: the isolates do, without a
 * call per token.
 */
export class Keyring extends DurableObject<Env> {
  readonly #keys: KeysRepo;
  readonly #log = createLogger(this.env);

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#keys = new KeysRepo(ctx.storage.sql);
    // Nobody is answered before there is a key that opens; two first callers would otherwise make two.
    ctx.blockConcurrencyWhile(async () => {
      await this.#ensureCurrent();
      await this.turn();
    });
  }

  /** The public keys (RFC 7517). */
  jwks(): JSONWebKeySet {
    return { keys: this.#keys.all().map((key) => JSON.parse(key.publicJwk)) };
  }

  /** The key that signs now. */
  current(): SealedKey {
    const key = this.#keys.current();
    if (key === null) throw new Error("the keyring has no current key");
    return { kid: key.kid, sealedJwk: key.sealedJwk };
  }

  /** The keys without their private halves, oldest first. */
  list(): { kid: string; state: KeyState; since: number }[] {
    return this.#keys.all().map(({ kid, state, since }) => ({ kid, state, since }));
  }

  /** Publishes the next key now, unless one is published already. It signs as soon as every cache can know it. */
  async rotate(now = Date.now()): Promise<void> {
    await this.#create("next", now);
    await this.turn(now);
  }

  /** Takes all the steps that are due, publishes what came of them, and wakes for the one after. */
  async turn(now = Date.now()): Promise<void> {
    await this.#takeDue(now);
    await this.#publish();
  }

  async #takeDue(now: number): Promise<void> {
    for (;;) {
      const [step] = stepsAhead(this.#keys.all(), longestTokenLifeMs(readSettings(this.env)));
      if (step === undefined) return;
      if (step.at > now) return this.#wakeAt(step.at);
      await this.#take(step, now);
    }
  }

  override async alarm(): Promise<void> {
    await this.turn();
  }

  /**
   * Puts the public keys where every Worker can read them while this one is away. Only when they have changed: the
   * object wakes often. Nobody signs in less well without the copy, so a failure waits for the next turn.
   */
  async #publish(): Promise<void> {
    const published = JSON.stringify(this.jwks());
    if (this.ctx.storage.kv.get(PUBLISHED_KEYS_NAME) === published) return;
    try {
      await this.env.PUBLISHED_KEYS.put(PUBLISHED_KEYS_NAME, published);
      this.ctx.storage.kv.put(PUBLISHED_KEYS_NAME, published);
    } catch (error) {
      this.#log.error("keys not published", { error: describeError(error) });
    }
  }

  async #take(step: KeyStep, now: number): Promise<void> {
    if (step.step === "publish_next") return this.#create("next", now);
    if (step.step === "promote") this.ctx.storage.transactionSync(() => this.#keys.promote(step.kid, now));
    else this.#keys.delete(step.kid);
    this.#log.info("signing key turned", { step: step.step, kid: step.kid });
  }

  /** A write, so only where something changes: the object wakes more often than its keys turn. */
  async #wakeAt(at: number): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== at) await this.ctx.storage.setAlarm(at);
  }

  /**
   * Sees to it that there is a key that signs and that opens under `JWT_SECRET`. After a change of the secret the keys
   * are sealed anew if `JWT_SECRET_PREVIOUS` opens them. If not, they are all replaced and the tokens that they signed
   * end, as in the source systems; that is also what to do when the secret has leaked. The start never stops.
   */
  async #ensureCurrent(): Promise<void> {
    const known = this.#keys.current();
    if (known !== null && (await this.#opens(known))) return;
    if (known !== null && (await this.#resealAll())) return;
    for (const { kid } of this.#keys.all()) this.#keys.delete(kid);
    await this.#create("current", Date.now());
  }

  async #opens({ kid, sealedJwk }: StoredKey): Promise<boolean> {
    return (await unseal(this.env.JWT_SECRET, kid, sealedJwk)) !== null;
  }

  /** Answers false, and changes nothing, when a key that may still sign does not open under the previous secret. */
  async #resealAll(): Promise<boolean> {
    const { JWT_SECRET, JWT_SECRET_PREVIOUS } = readSettings(this.env);
    if (JWT_SECRET_PREVIOUS === undefined) return false;
    const resealed: SealedKey[] = [];
    for (const { kid, sealedJwk } of this.#keys.all().filter(({ state }) => state !== "previous")) {
      const jwk = await unseal(JWT_SECRET_PREVIOUS, kid, sealedJwk);
      if (jwk === null) return false;
      resealed.push({ kid, sealedJwk: await seal(JWT_SECRET, kid, jwk) });
    }
    this.ctx.storage.transactionSync(() => {
      for (const { kid, sealedJwk } of resealed) this.#keys.reseal(kid, sealedJwk);
    });
    this.#log.info("signing keys sealed anew", { keys: resealed.length });
    return true;
  }

  /** Makes a key, unless there is one in that state: looked up after the making, during which others may have come. */
  async #create(state: "next" | "current", now: number): Promise<void> {
    const key = await createKey(this.env.JWT_SECRET, state, now);
    if (this.#keys.all().some((other) => other.state === state)) return;
    this.#keys.insert(key);
    this.#log.info("signing key created", { kid: key.kid, state });
  }
}

async function createKey(secret: string, state: KeyState, now: number): Promise<StoredKey> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    state,
    publicJwk: JSON.stringify({ ...publicJwk, kid, alg: "EdDSA", use: "sig" }),
    sealedJwk: await seal(secret, kid, JSON.stringify(await exportJWK(privateKey))),
    createdAt: now,
    since: now,
  };
}
