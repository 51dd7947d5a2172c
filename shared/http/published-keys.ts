import * as z from "zod";
import type { AuthApi } from "../contracts/rpc.ts";
import { within } from "../within.ts";

/** The name under which auth keeps its public keys in the namespace. */
export const PUBLISHED_KEYS_NAME = "jwks";

/** How long auth may take to answer before the published copy does: a hung auth must not hang the services. */
const PATIENCE_MS = 1_500;

/** A JWK set as far as a verifier needs it (RFC 7517). */
export const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) });

export interface KeySources {
  AUTH: Pick<AuthApi, "jwks">;
  /** Where auth publishes its keys, so that tokens can be read while it is away. Only auth writes there. */
  PUBLISHED_KEYS: Pick<KVNamespace, "get">;
}

/**
 * Auth's public keys from itself or, while it is away, from where it published them: so an isolate that starts then
 * reads tokens too. The copy is changed with the keys and at most a minute late.
 * Throws when neither has keys.
 */
export function keySource({ AUTH, PUBLISHED_KEYS }: KeySources): Pick<AuthApi, "jwks"> {
  return {
    jwks: async () => {
      try {
        return KeySet.parse(await within(PATIENCE_MS, AUTH.jwks()));
      } catch (error) {
        const published = KeySet.safeParse(await PUBLISHED_KEYS.get(PUBLISHED_KEYS_NAME, "json"));
        if (!published.success) throw error;
        return published.data;
      }
    },
  };
}
