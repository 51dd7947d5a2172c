import type { Env, Settings } from "../env.ts";
import type { TokenDeps } from "../login/sign-in.ts";
import { KEYRING_NAME } from "./keyring.do.ts";
import { currentSigningKey } from "./signing-key.ts";

/** How tokens are made in this deployment. */
export function tokenDeps(env: Env, settings: Settings): TokenDeps {
  return {
    signingKey: () => currentSigningKey(env.KEYRING.getByName(KEYRING_NAME), settings.JWT_SECRET),
    refreshSecret: settings.JWT_REFRESH_SECRET,
    accessLifetimeMs: settings.JWT_ACCESS_EXPIRE,
  };
}
