import { WorkerEntrypoint } from "cloudflare:workers";
import type { AuthApi, CredentialUse } from "../../../shared/contracts/rpc.ts";
import { UsersRepo } from "./accounts/users.repo.ts";
import { type Env, readSettings } from "./env.ts";
import { exchange } from "./sessions/exchange.ts";
import { RevocationsRepo } from "./sessions/revocations.repo.ts";
import { KEYRING_NAME } from "./signing/keyring.do.ts";
import { tokenDeps } from "./signing/token-deps.ts";

/** What auth does for the other Workers, and for its own routes. */
export function authApi(env: Env): AuthApi {
  const sessionsOf = (userId: string) => env.USER_SESSIONS.getByName(userId);
  return {
    jwks: () => env.KEYRING.getByName(KEYRING_NAME).jwks(),
    userExists: (userId) => new UsersRepo(env.DB).exists(userId),
    exchange: (credential, use) =>
      exchange({ ...tokenDeps(env, readSettings(env)), users: new UsersRepo(env.DB), sessionsOf }, credential, use),
    revocations: (after) => new RevocationsRepo(env.DB).after(after, Date.now()),
    sessionIsLive: (userId, sessionId) => sessionsOf(userId).isLive(sessionId),
  };
}

/** The door by which the other Workers ask about people, keys and sessions. */
export class AuthService extends WorkerEntrypoint<Env> implements AuthApi {
  readonly #api = authApi(this.env);

  jwks() {
    return this.#api.jwks();
  }

  userExists(userId: string) {
    return this.#api.userExists(userId);
  }

  exchange(credential: string, use: CredentialUse) {
    return this.#api.exchange(credential, use);
  }

  revocations(after: number) {
    return this.#api.revocations(after);
  }

  sessionIsLive(userId: string, sessionId: string) {
    return this.#api.sessionIsLive(userId, sessionId);
  }
}
