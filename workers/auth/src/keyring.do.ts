import { DurableObject } from "cloudflare:workers";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JSONWebKeySet } from "jose";
import { createLogger } from "../../../shared/log.ts";
import type { Env } from "./env.ts";
import { KeysRepo, type StoredKey } from "./keys.repo.ts";
import { seal, unseal } from "./sealing.ts";

/** The keyring is one object under this name. */
export const KEYRING_NAME = "keyring";

/** What an isolate of this Worker needs to sign. The private key opens under `JWT_SECRET` only. */
export interface SealedKey {
  kid: string;
  sealedJwk: ArrayBuffer;
}

/** Makes and keeps the keys that sign access tokens. It never signs: the isolates do, without a call per token. */
export class Keyring extends DurableObject<Env> {
  readonly #keys: KeysRepo;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#keys = new KeysRepo(ctx.storage.sql);
    // Nobody is answered before there is a key that opens; two first callers would otherwise make two.
    ctx.blockConcurrencyWhile(() => this.#ensureCurrent());
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

  /**
   * A key that was sealed under another `JWT_SECRET` is replaced, and the tokens that it signed end with it: changing
   * the secret signs everybody's access tokens out, as it did in the source systems, and never stops the start.
   */
  async #ensureCurrent(): Promise<void> {
    const known = this.#keys.current();
    if (known !== null && (await unseal(this.env.JWT_SECRET, known.kid, known.sealedJwk)) !== null) return;
    const created = await createKey(this.env.JWT_SECRET);
    this.ctx.storage.transactionSync(() => {
      if (known !== null) this.#keys.delete(known.kid);
      this.#keys.insert(created);
    });
    createLogger(this.env).info("signing key created", { kid: created.kid, replaces: known?.kid ?? null });
  }
}

async function createKey(secret: string): Promise<StoredKey> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const publicJwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    state: "current",
    publicJwk: JSON.stringify({ ...publicJwk, kid, alg: "EdDSA", use: "sig" }),
    sealedJwk: await seal(secret, kid, JSON.stringify(await exportJWK(privateKey))),
    createdAt: Date.now(),
  };
}
